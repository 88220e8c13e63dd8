namespace XLLM.Cli.Bench.Chaos;

/// <summary>How one request of a chaos run went. Times are seconds after the run's start.</summary>
/// <param name="Prompt">Number of the prompt.</param>
/// <param name="Sent">When it was sent.</param>
/// <param name="Ended">When its stream ended.</param>
/// <param name="Text">All text that came.</param>
/// <param name="LongestGap">Longest silence in seconds between sending, pieces of text and the end.</param>
/// <param name="GapAt">When that silence began.</param>
/// <param name="Error">Why it failed; null = the stream ended as it should.</param>
internal sealed record ChaosAnswer(
    int Prompt, double Sent, double Ended, string Text, double LongestGap, double GapAt, string? Error)
{
    /// <summary>Whether the request was under way at that moment.</summary>
    public bool WasAlive(double at) => Sent <= at && at <= Ended;
}
