namespace XLLM.Engine.Models;

/// <summary>Ways of stretching rotary positions.</summary>
internal enum RopeScaling
{
    None,

    /// <summary>All frequencies divided by the factor.</summary>
    Linear,

    /// <summary>Low frequencies divided, high ones kept, a smooth passage between (Llama 3.1).</summary>
    Llama3,

    /// <summary>YaRN (Peng et al. 2023, arXiv 2309.00071).</summary>
    Yarn,
}
