namespace XLLM.Cli.Bench;

/// <summary>
/// What a soak saw. <c>Outcomes</c> counts how requests ended for the client; <c>Faults</c> has a line for everything that
/// should not be: requests without an outcome, blocks not given back, an audit's findings, growing memory.
/// </summary>
internal sealed record SoakReport(
    long Requests, long Tokens, IReadOnlyDictionary<string, long> Outcomes, double EarlyMegabytes, double LateMegabytes, IReadOnlyList<string> Faults);
