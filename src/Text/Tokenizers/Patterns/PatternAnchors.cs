namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>Conditions on a position that take no text.</summary>
internal static class PatternAnchors
{
    public static bool Holds(AnchorKind kind, ReadOnlySpan<char> text, int at) => kind switch
    {
        AnchorKind.TextStart => at == 0,
        AnchorKind.TextEnd => at == text.Length,
        AnchorKind.TextEndOrFinalNewline => at == text.Length || (at == text.Length - 1 && text[at] == '\n'),
        AnchorKind.LineStart => at == 0 || text[at - 1] == '\n',
        AnchorKind.LineEnd => at == text.Length || text[at] == '\n',
        AnchorKind.WordBoundary => WordBefore(text, at) != WordAt(text, at),
        AnchorKind.NotWordBoundary => WordBefore(text, at) == WordAt(text, at),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown anchor"),
    };

    private static bool WordAt(ReadOnlySpan<char> text, int at) =>
        at < text.Length && UnicodeSets.BareWord.Contains(CodePoints.Read(text, at, out _));

    private static bool WordBefore(ReadOnlySpan<char> text, int at) =>
        at > 0 && UnicodeSets.BareWord.Contains(CodePoints.Read(text, at - CodePoints.WidthBefore(text, at), out _));
}
