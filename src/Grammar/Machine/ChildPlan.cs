namespace XLLM.Grammar.Machine;

/// <summary>
/// What a container wants of its next value. <c>Marks[i]</c> are the atoms of the container (bits) that tracked formula i decides;
/// <c>Failed</c> those that fail whatever the value is.
/// </summary>
internal sealed record ChildPlan(Goal Goal, ulong Failed, ulong[] Marks);
