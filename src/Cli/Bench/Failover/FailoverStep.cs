namespace XLLM.Cli.Bench.Failover;

/// <summary>A step of a request (docs/request-lifecycle.md) at which an engine is killed, and how that moment is met.</summary>
/// <param name="Number">1..12.</param>
/// <param name="Name">As in the document.</param>
/// <param name="Span">Span in the gateway's process at whose start the kill comes; null = by what the client has received.</param>
/// <param name="Nth">Which start of that span.</param>
/// <param name="Share">Without a span: share of the answer, (0, 1), the client has when the kill comes.</param>
/// <param name="SlowReader">The client does not read for a while before the kill, so that text waits at the gateway.</param>
/// <param name="MustMove">Whether the engine that is killed then certainly has the request, so that it must go on elsewhere.</param>
internal sealed record FailoverStep(
    int Number, string Name, string? Span = null, int Nth = 1, double Share = 0, bool SlowReader = false, bool MustMove = false)
{
    /// <summary>All twelve.</summary>
    public static IReadOnlyList<FailoverStep> All { get; } =
    [
        new(1, "parse", "parse"),
        new(2, "text", "text"),
        new(3, "submit", "submit"),
        new(4, "own", "own"),
        new(5, "route", "route"),
        new(6, "reserve", "reserve", MustMove: true),
        new(7, "prefill", "start", MustMove: true),
        new(8, "decode", Share: 0.1, MustMove: true),
        new(9, "stream", Share: 0.5, MustMove: true),
        new(10, "text out", Share: 0.6, SlowReader: true, MustMove: true),
        new(11, "answer", Share: 0.75, SlowReader: true, MustMove: true),
        new(12, "end", Share: 0.995),
    ];
}
