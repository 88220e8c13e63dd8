using XLLM.Grammar.Text;

namespace XLLM.Grammar.Ebnf;

/// <summary>Syntax tree of a rule's right side.</summary>
internal abstract record EbnfNode
{
    internal sealed record Chars(CharSet Set) : EbnfNode;

    internal sealed record Sequence(IReadOnlyList<EbnfNode> Parts) : EbnfNode;

    internal sealed record Choice(IReadOnlyList<EbnfNode> Parts) : EbnfNode;

    /// <summary>Max -1 = without end.</summary>
    internal sealed record Repeat(EbnfNode Body, int Min, int Max) : EbnfNode;

    internal sealed record Rule(string Name) : EbnfNode;
}
