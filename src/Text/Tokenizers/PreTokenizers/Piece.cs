namespace XLLM.Text.Tokenizers.PreTokenizers;

/// <summary>A stretch of normalized text.</summary>
/// <param name="Text">The string it lies in.</param>
/// <param name="Start">Offset in it, in UTF-16 units.</param>
/// <param name="Length">Length in UTF-16 units.</param>
/// <param name="AtTextStart">Whether it begins where the whole input begins.</param>
internal readonly record struct Piece(string Text, int Start, int Length, bool AtTextStart)
{
    public ReadOnlySpan<char> Span => Text.AsSpan(Start, Length);

    /// <summary>The part from <paramref name="from"/> to <paramref name="to"/>, counted from the piece's start.</summary>
    public Piece Part(int from, int to) => new(Text, Start + from, to - from, AtTextStart && from == 0);
}
