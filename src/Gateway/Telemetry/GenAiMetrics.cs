using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace XLLM.Gateway.Telemetry;

/// <summary>
/// The model server's metrics of OpenTelemetry's conventions for generative AI, with the buckets these advise. A singleton; any thread.
/// </summary>
internal sealed class GenAiMetrics : IDisposable
{
    public const string MeterName = "XLLM.Gateway";
    public const string Provider = "xllm";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstToken;
    private readonly Histogram<double> _perToken;

    public GenAiMetrics()
    {
        _duration = Make(
            "gen_ai.server.request.duration", "Time of a request to its last token.",
            [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]);
        _firstToken = Make(
            "gen_ai.server.time_to_first_token", "Time to the first token of requests that succeeded.",
            [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]);
        _perToken = Make(
            "gen_ai.server.time_per_output_token", "Mean time between a request's tokens after its first, of requests that succeeded.",
            [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]);
    }

    /// <summary>Counts a generation.</summary>
    /// <param name="operation">chat or text_completion.</param>
    /// <param name="model">A served model.</param>
    /// <param name="error">The outcome when it is an error, else null.</param>
    /// <param name="seconds">From arrival to the end.</param>
    /// <param name="firstToken">From arrival to the first token; NaN = none.</param>
    /// <param name="perToken">Mean time between tokens; NaN = not two.</param>
    public void Record(string operation, string model, string? error, double seconds, double firstToken, double perToken)
    {
        TagList tags = new()
        {
            { "gen_ai.operation.name", operation },
            { "gen_ai.provider.name", Provider },
            { "gen_ai.request.model", model },
            { "gen_ai.response.model", model },
        };
        if (error is not null)
        {
            tags.Add("error.type", error);
            _duration.Record(seconds, tags);
            return;
        }

        _duration.Record(seconds, tags);
        if (double.IsFinite(firstToken))
        {
            _firstToken.Record(firstToken, tags);
        }

        if (double.IsFinite(perToken))
        {
            _perToken.Record(perToken, tags);
        }
    }

    public void Dispose() => _meter.Dispose();

    private Histogram<double> Make(string name, string description, IReadOnlyList<double> buckets) => _meter.CreateHistogram(
        name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });
}
