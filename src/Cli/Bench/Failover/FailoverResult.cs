using XLLM.Cli.Bench.Chaos;

namespace XLLM.Cli.Bench.Failover;

/// <summary>What a kill at a step did to the request.</summary>
/// <param name="Step">Where.</param>
/// <param name="Killed">The process that was killed.</param>
/// <param name="Verdict">The answer compared with the undisturbed one.</param>
/// <param name="Moves">What the gateway's grains did about it.</param>
/// <param name="GapSeconds">Longest silence the client saw; with a slow reader its own pause is not counted.</param>
/// <param name="Characters">Characters of text compared.</param>
/// <param name="Error">Why it failed; null = it did not.</param>
internal sealed record FailoverResult(
    FailoverStep Step, string Killed, ChaosVerdict Verdict, Moves Moves, double GapSeconds, int Characters, string? Error)
{
    /// <summary>Whether the kill met an engine that had the request, or to which it was on its way.</summary>
    public bool Hit => Moves.Recovered + Moves.Replanned > 0;
}
