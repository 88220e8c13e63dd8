namespace XLLM.Scheduling.Pages;

/// <summary>Content of block <c>From</c> goes to block <c>To</c>, in all layers, before the step runs; in the order given.</summary>
public readonly record struct BlockCopy(int From, int To);
