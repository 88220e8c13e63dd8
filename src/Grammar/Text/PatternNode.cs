namespace XLLM.Grammar.Text;

/// <summary>Syntax tree of a pattern.</summary>
internal abstract record PatternNode
{
    /// <summary>Whether an anchor or a lookahead stands inside, so that the meaning depends on what surrounds it.</summary>
    public virtual bool HasContext => false;

    internal sealed record Chars(CharSet Set) : PatternNode;

    internal sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode
    {
        public override bool HasContext => Parts.Any(p => p.HasContext);
    }

    internal sealed record Choice(IReadOnlyList<PatternNode> Parts) : PatternNode
    {
        public override bool HasContext => Parts.Any(p => p.HasContext);
    }

    internal sealed record Repeat(PatternNode Body, int Min, int Max) : PatternNode
    {
        public override bool HasContext => Body.HasContext;
    }

    internal sealed record Start : PatternNode
    {
        public override bool HasContext => true;
    }

    internal sealed record End : PatternNode
    {
        public override bool HasContext => true;
    }

    internal sealed record Lookahead(PatternNode Body, bool Negative) : PatternNode
    {
        public override bool HasContext => true;
    }
}
