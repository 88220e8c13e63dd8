using System.Globalization;
using XLLM.Contracts.Ids;

namespace XLLM.Scheduling.Recovery;

/// <summary>Where one request goes on, and why there.</summary>
/// <param name="Request">The request.</param>
/// <param name="Kind">How; None = it waits or fails, see <paramref name="Reason"/>.</param>
/// <param name="Target">Instance that goes on with it; null when there is none.</param>
/// <param name="From">Instance whose blocks move; null when none do.</param>
/// <param name="FromBlocks">Leading blocks that move.</param>
/// <param name="KeptTokens">Tokens that need not be computed again.</param>
/// <param name="Seconds">Predicted time until its next token.</param>
/// <param name="RecomputeSeconds">Predicted time by recompute at the best target for that.</param>
/// <param name="SlackSeconds">Time it had.</param>
/// <param name="Reason">In words.</param>
public sealed record RecoveryDecision(
    RequestId Request, RecoveryKind Kind, InstanceId? Target, InstanceId? From, int FromBlocks, int KeptTokens,
    double Seconds, double RecomputeSeconds, double SlackSeconds, string Reason)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Request}: {Kind} on {Target?.ToString() ?? "-"} in {Seconds:0.###} s of {SlackSeconds:0.###} s ({Reason})");
}
