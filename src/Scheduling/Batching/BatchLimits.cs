namespace XLLM.Scheduling.Batching;

/// <summary>Bounds of a step and of a batch.</summary>
/// <param name="MaxTokens">Most tokens of a step, >= <paramref name="MaxRunning"/>, so that every decode fits.</param>
/// <param name="MaxOutputs">Most rows of a step with logits, >= <paramref name="MaxRunning"/>.</param>
/// <param name="MaxRunning">Most sequences in the batch, >= 1.</param>
/// <param name="WatermarkBlocks">Blocks an admission leaves available for those that run, >= 0.</param>
public sealed record BatchLimits(int MaxTokens, int MaxOutputs, int MaxRunning, int WatermarkBlocks)
{
    /// <summary>Throws <see cref="ArgumentOutOfRangeException"/> when a bound is out of its range.</summary>
    public void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRunning, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxTokens, MaxRunning);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxOutputs, MaxRunning);
        ArgumentOutOfRangeException.ThrowIfNegative(WatermarkBlocks);
    }
}
