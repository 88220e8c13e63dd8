namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>Kinds of conditions on a position.</summary>
internal enum AnchorKind
{
    TextStart,
    TextEnd,
    TextEndOrFinalNewline,
    LineStart,
    LineEnd,
    WordBoundary,
    NotWordBoundary,
}
