using Orleans;

namespace XLLM.Contracts.Requests;

/// <summary>What a request used, and when its stages happened, in seconds since its arrival (NaN = never).</summary>
[GenerateSerializer, Immutable, Alias("xllm.RequestUsage")]
public sealed record RequestUsage
{
    [Id(0)] public int PromptTokens { get; init; }

    /// <summary>Prompt tokens whose KV came from the prefix cache.</summary>
    [Id(1)] public int CachedTokens { get; init; }

    /// <summary>Tokens sampled, the stop token that ended the request among them.</summary>
    [Id(2)] public int GeneratedTokens { get; init; }

    /// <summary>Times the request lost its blocks and was computed again.</summary>
    [Id(3)] public int Preemptions { get; init; }

    /// <summary>First time in a batch.</summary>
    [Id(4)] public double QueueSeconds { get; init; } = double.NaN;

    /// <summary>First token sampled.</summary>
    [Id(5)] public double FirstTokenSeconds { get; init; } = double.NaN;

    /// <summary>Last token sampled.</summary>
    [Id(6)] public double LastTokenSeconds { get; init; } = double.NaN;

    /// <summary>The KV it waited for had come, or was given up; NaN = it waited for none.</summary>
    [Id(7)] public double KvSeconds { get; init; } = double.NaN;

    /// <summary>Tokens whose KV was there when it joined its first batch: cached, pushed or fetched.</summary>
    [Id(8)] public int FoundTokens { get; init; }
}
