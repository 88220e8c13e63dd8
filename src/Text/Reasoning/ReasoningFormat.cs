namespace XLLM.Text.Reasoning;

/// <summary>The marks around a model's thoughts, which stand before its answer.</summary>
/// <param name="Open">e.g. <c>&lt;think&gt;</c>.</param>
/// <param name="Close">e.g. <c>&lt;/think&gt;</c>.</param>
public sealed record ReasoningFormat(string Open, string Close)
{
    private static readonly ReasoningFormat[] Known =
        [new("<think>", "</think>"), new("<seed:think>", "</seed:think>"), new("[THINK]", "[/THINK]")];

    /// <summary>The format a chat template writes thoughts of earlier turns in, or null.</summary>
    public static ReasoningFormat? OfTemplate(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return Known.FirstOrDefault(f =>
            source.Contains(f.Open, StringComparison.Ordinal) || source.Contains(f.Close, StringComparison.Ordinal));
    }

    /// <summary>Whether a prompt ends within thoughts, so that the answer begins with them.</summary>
    public bool IsOpenAtEnd(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return prompt.AsSpan().TrimEnd().EndsWith(Open, StringComparison.Ordinal);
    }

    /// <summary>Whether a prompt ends behind thoughts, so that the answer has none.</summary>
    public bool IsClosedAtEnd(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return prompt.AsSpan().TrimEnd().EndsWith(Close, StringComparison.Ordinal);
    }
}
