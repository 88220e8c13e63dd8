namespace XLLM.Engine.Execution;

/// <summary>One sequence's rows in a step.</summary>
public readonly record struct StepSequence(int FirstRow, int Rows, int Context, ReadOnlyMemory<int> Blocks);
