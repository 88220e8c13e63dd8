namespace XLLM.Engine.Execution;

/// <summary>
/// How a step's ops are dispatched (xllm.h, XLLM_MODE_*). Logits are the same to the bit in every mode; those other than
/// <see cref="Auto"/> are for measuring and finding faults.
/// </summary>
public enum StepMode
{
    /// <summary>Full where the step allows it, else piecewise; eager when there is no memory to record a graph.</summary>
    Auto = 0,

    /// <summary>Each op in a parallel region of its own, one native call a step.</summary>
    Eager = 1,

    /// <summary>Recorded stages between attentions; attention laid out for each step.</summary>
    Piecewise = 2,

    /// <summary>All recorded, for steps of one row a sequence; other steps run piecewise.</summary>
    Full = 3,

    /// <summary>A native call for each op, as a framework dispatches that has no graph.</summary>
    OpByOp = 4,
}
