using XLLM.Engine.Interop;
using XLLM.Engine.Memory;

namespace XLLM.Verification;

/// <summary>How the models under comparison are run.</summary>
public sealed record VerifyOptions
{
    public EngineIsa Isa { get; init; } = EngineIsa.Auto;

    /// <summary>0 = the cores granted to the process.</summary>
    public int Threads { get; init; }

    /// <summary>Prompt tokens a step; 0 = the whole prompt in one step.</summary>
    public int Chunk { get; init; }

    /// <summary>GGUF files: float32 activations instead of int8.</summary>
    public bool FloatActivations { get; init; }

    public KvType KvType { get; init; } = KvType.F32;
}
