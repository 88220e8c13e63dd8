namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>Syntax tree of a pattern.</summary>
internal abstract record PatternNode;

internal sealed record SetNode(CodePointSet Set) : PatternNode;

internal sealed record SequenceNode(IReadOnlyList<PatternNode> Items) : PatternNode;

internal sealed record AlternationNode(IReadOnlyList<PatternNode> Options) : PatternNode;

internal sealed record LoopNode(PatternNode Body, int Min, int Max, Repetition Kind) : PatternNode;

internal sealed record LookNode(PatternNode Body, bool Behind, bool Negative) : PatternNode;

internal sealed record AtomicNode(PatternNode Body) : PatternNode;

internal sealed record AnchorNode(AnchorKind Kind) : PatternNode;
