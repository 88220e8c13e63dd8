namespace XLLM.Engine.Interop;

/// <summary>What a weight is used for (XLLM_WEIGHT_*); it decides how the weight is repacked.</summary>
[Flags]
internal enum WeightUsage
{
    None = 0,

    /// <summary>Norm weights and biases: one row, kept as float32.</summary>
    Vector = 1,

    /// <summary>Right operand of a linear op: rows outputs, columns inputs.</summary>
    Matrix = 2,

    /// <summary>Looked up by row.</summary>
    Table = 4,
}
