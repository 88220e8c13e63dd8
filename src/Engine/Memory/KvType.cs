namespace XLLM.Engine.Memory;

/// <summary>Element type of the KV pool (numbers of GGUF).</summary>
public enum KvType
{
    F32 = 0,
    F16 = 1,

    /// <summary>int8 with a float16 scale for each 32 dimensions of a token and head, of K and of V.</summary>
    Q8_0 = 8,
}
