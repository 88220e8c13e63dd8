namespace XLLM.Text.ToolCalls;

/// <summary>The tools a prompt offers.</summary>
/// <param name="Names">Their names; a call of any other is text.</param>
/// <param name="MaxCalls">Most calls in one answer, at least 1.</param>
public sealed record ToolOffer(IReadOnlySet<string> Names, int MaxCalls = int.MaxValue)
{
    /// <summary>No tools.</summary>
    public static ToolOffer None { get; } = new(new HashSet<string>());
}
