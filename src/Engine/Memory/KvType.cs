namespace XLLM.Engine.Memory;

/// <summary>Element type of the KV pool (numbers of GGUF).</summary>
public enum KvType
{
    F32 = 0,
    F16 = 1,
}
