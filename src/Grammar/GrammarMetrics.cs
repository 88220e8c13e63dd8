using System.Diagnostics.Metrics;

namespace XLLM.Grammar;

/// <summary>
/// Instruments of the meter <c>XLLM.Grammar</c>: counter <c>xllm.grammar.cache_lookups</c> (tagged <c>result</c>: hit, miss),
/// histogram <c>xllm.grammar.compile_duration</c> (seconds, tagged <c>result</c>: compiled, refused), gauges
/// <c>xllm.grammar.cache_grammars</c> and <c>xllm.grammar.cache_bytes</c>. All caches of a process count together.
/// </summary>
internal static class GrammarMetrics
{
    private static readonly Meter Meter = new("XLLM.Grammar");
    private static readonly Counter<long> Lookups = Meter.CreateCounter<long>("xllm.grammar.cache_lookups");
    private static readonly Histogram<double> Durations = Meter.CreateHistogram<double>("xllm.grammar.compile_duration", "s");
    private static readonly Gauge<int> Grammars = Meter.CreateGauge<int>("xllm.grammar.cache_grammars");
    private static readonly Gauge<long> Bytes = Meter.CreateGauge<long>("xllm.grammar.cache_bytes", "By");

    public static void Found(bool hit) => Lookups.Add(1, new KeyValuePair<string, object?>("result", hit ? "hit" : "miss"));

    public static void Compiled(double seconds, bool refused) =>
        Durations.Record(seconds, new KeyValuePair<string, object?>("result", refused ? "refused" : "compiled"));

    public static void Holds(int grammars, long bytes)
    {
        Grammars.Record(grammars);
        Bytes.Record(bytes);
    }
}
