using XLLM.Contracts.Requests;

namespace XLLM.Scheduling.Recovery;

/// <summary>How long a request can wait.</summary>
public static class RecoverySlack
{
    /// <summary>
    /// Seconds from <paramref name="now"/> until its next token is too late: the first one by its objective from the arrival on,
    /// a later one when the mean interval since the first would pass its objective. Infinite without an objective.
    /// </summary>
    public static double Of(RequestSlo slo, DateTimeOffset arrival, DateTimeOffset? firstToken, int generated, DateTimeOffset now) =>
        firstToken is { } first
            ? (slo.TpotSeconds * Math.Max(1, generated)) - (now - first).TotalSeconds
            : slo.TtftSeconds - (now - arrival).TotalSeconds;
}
