namespace XLLM.Scheduling.Speculation;

/// <summary>Where a run of tokens ends in a <see cref="SuffixTree"/>: so many tokens into a node's edge. Valid until the tree changes.</summary>
public readonly record struct SuffixSpot(int Node, int Offset);
