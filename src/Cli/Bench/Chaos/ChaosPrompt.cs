namespace XLLM.Cli.Bench.Chaos;

/// <summary>A request of the load with what an undisturbed server answers to it.</summary>
/// <param name="Tokens">The prompt.</param>
/// <param name="OutputTokens">Tokens wanted; generation goes on after an end token.</param>
/// <param name="Temperature">0 = greedy.</param>
/// <param name="Seed">Of the draws.</param>
/// <param name="Penalty">Presence penalty, so that what was generated before matters.</param>
internal sealed record ChaosPrompt(int[] Tokens, int OutputTokens, double Temperature, int Seed, double Penalty)
{
    /// <summary>The whole text of the answer; set by the undisturbed run.</summary>
    public string Expected { get; init; } = "";

    /// <summary>When its first token should be there, in milliseconds; null = what the cluster is set to.</summary>
    public int? TtftSloMs { get; init; }
}
