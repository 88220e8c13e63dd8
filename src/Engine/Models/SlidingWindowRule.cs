namespace XLLM.Engine.Models;

/// <summary>Which layers of a family a configured sliding window concerns.</summary>
internal enum SlidingWindowRule
{
    /// <summary>The family has none; a configured one is ignored, as transformers does.</summary>
    None,

    AllLayers,

    /// <summary>Those from max_window_layers on, when use_sliding_window is true.</summary>
    UpperLayers,
}
