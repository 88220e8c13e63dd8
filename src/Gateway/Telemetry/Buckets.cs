using System.Collections.Immutable;

namespace XLLM.Gateway.Telemetry;

/// <summary>Bucket bounds as vLLM has them, so that its dashboards fit.</summary>
internal static class Buckets
{
    public static readonly ImmutableArray<double> FirstToken =
    [
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
    ];

    public static readonly ImmutableArray<double> InterToken =
    [
        0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
    ];

    public static readonly ImmutableArray<double> Request =
    [
        0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
    ];

    /// <summary>1, 2, 5 times powers of ten.</summary>
    public static readonly ImmutableArray<double> Tokens =
    [
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000,
    ];

    /// <summary>For instruments in seconds that advise no buckets: 10 us to 60 s, 1, 2, 5 times powers of ten.</summary>
    public static readonly ImmutableArray<double> Seconds =
    [
        0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60,
    ];
}
