namespace XLLM.Engine.Execution;

/// <summary>
/// One sequence's rows in a step. <c>Range</c> is the range of addresses its blocks are to be found in, -1 = by their list.
/// </summary>
public readonly record struct StepSequence(int FirstRow, int Rows, int Context, ReadOnlyMemory<int> Blocks, int Range = -1);
