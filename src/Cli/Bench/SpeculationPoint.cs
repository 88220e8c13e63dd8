using XLLM.Contracts.Fleet;

namespace XLLM.Cli.Bench;

/// <summary>
/// What one run gave: decoded tokens a second of all streams, their tokens, and what became of drafts meanwhile.
/// </summary>
internal sealed record SpeculationPoint(double TokensPerSecond, string Output, long Steps, long Drafts, long DraftTokens, long Accepted)
{
    public static SpeculationPoint Of(double speed, string output, LoadReport before, LoadReport after) => new(
        speed,
        output,
        after.Steps - before.Steps,
        after.SpecDrafts - before.SpecDrafts,
        after.SpecDraftTokens - before.SpecDraftTokens,
        after.SpecAcceptedTokens - before.SpecAcceptedTokens);
}
