using System.ComponentModel.DataAnnotations;

namespace XLLM.Cli.Hosting;

/// <summary>Where a process tells of itself; configuration section <c>Telemetry</c>.</summary>
internal sealed class TelemetryOptions : IValidatableObject
{
    public const string Section = "Telemetry";

    /// <summary>Where an engine process serves /metrics and /health: an address of this machine.</summary>
    [Required]
    public string MetricsHost { get; set; } = "127.0.0.1";

    /// <summary>Port of an engine process for /metrics and /health; 0 = a free one. A gateway has them beside its API.</summary>
    [Range(0, 65535)]
    public int MetricsPort { get; set; }

    /// <summary>OTLP endpoint for traces, e.g. <c>http://localhost:4317</c>; empty = no traces.</summary>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>grpc (port 4317 as a rule) or http (4318, path /v1/traces is added when there is none).</summary>
    [AllowedValues("grpc", "http")]
    public string OtlpProtocol { get; set; } = "grpc";

    /// <summary>Share of traces that are kept, 0..1, decided where a trace begins. Default 1.</summary>
    [Range(0.0, 1.0)]
    public double SampleRatio { get; set; } = 1;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (OtlpEndpoint.Length > 0
            && !(Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out Uri? uri) && uri.Scheme is ("http" or "https")))
        {
            yield return new($"OtlpEndpoint is '{OtlpEndpoint}'; it must be a URL such as http://localhost:4317.");
        }
    }
}
