using XLLM.Engine.Interop.Raw;

namespace XLLM.Engine.Interop;

/// <summary>What a program is made from (xllm_program_desc without its weights).</summary>
internal sealed record ProgramDescription(NativeBuffer[] Buffers, NativeOp[] Ops, RopeTable[] Ropes, int Logits, HiddenStates? Hidden = null)
{
    /// <summary>Largest step in tokens, 1 to 65,536.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Most wanted rows of a step, 1 to 65,536.</summary>
    public required int MaxOutputs { get; init; }

    /// <summary>Linear ops over block-quantised weights take float32 activations instead of int8.</summary>
    public bool FloatActivations { get; init; }
}
