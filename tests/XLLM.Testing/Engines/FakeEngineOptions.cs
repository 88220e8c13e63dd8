using XLLM.Contracts.Fleet;

namespace XLLM.Testing.Engines;

/// <summary>How a fake engine behaves.</summary>
public sealed record FakeEngineOptions
{
    public string Model { get; init; } = "demo";

    /// <summary>Requests and leases at once; one more is refused.</summary>
    public int Capacity { get; init; } = 64;

    /// <summary>Told with a refusal for lack of room.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>KV reaches it, and it gives KV away: it has an endpoint, and its leases name it.</summary>
    public bool HasKvEndpoint { get; init; }

    /// <summary>Port of that endpoint; 0 = it does not listen.</summary>
    public int KvPort { get; init; }

    public LatencyProfile Profile { get; init; } = LatencyProfile.Empty;

    public InstanceRole Role { get; init; } = InstanceRole.Mixed;

    /// <summary>Answers a request by itself, one token a step, with <see cref="FakeEngine.TokenAt"/>; else the test emits.</summary>
    public bool Automatic { get; init; } = true;
}
