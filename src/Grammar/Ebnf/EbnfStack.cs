namespace XLLM.Grammar.Ebnf;

/// <summary>Where calls return to; interned, so that equal stacks are one object. Immutable.</summary>
internal sealed class EbnfStack(int id, int node, EbnfStack? below, long cost)
{
    public int Id { get; } = id;

    public int Node { get; } = node;

    public EbnfStack? Below { get; } = below;

    /// <summary>The fewest characters until the whole stack has returned.</summary>
    public long Cost { get; } = cost;
}
