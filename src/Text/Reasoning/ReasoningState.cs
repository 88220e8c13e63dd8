namespace XLLM.Text.Reasoning;

/// <summary>Where an answer is.</summary>
internal enum ReasoningState
{
    /// <summary>Nothing but white space came.</summary>
    Before = 0,

    /// <summary>Within the marks.</summary>
    Inside = 1,

    /// <summary>Behind the closing mark, and nothing but white space came.</summary>
    Closed = 2,

    /// <summary>In the answer.</summary>
    After = 3,
}
