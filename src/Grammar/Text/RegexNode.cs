namespace XLLM.Grammar.Text;

/// <summary>
/// Hash-consed regular expression with intersection and complement; equal expressions of one <see cref="RegexPool"/> are the same
/// object. <c>Max</c> of a repetition is -1 for "any number".
/// </summary>
internal sealed class RegexNode
{
    public required int Id { get; init; }

    public required RegexKind Kind { get; init; }

    public required bool Nullable { get; init; }

    public CharSet Set { get; init; } = CharSet.None;

    public RegexNode[] Parts { get; init; } = [];

    public int Min { get; init; }

    public int Max { get; init; }
}
