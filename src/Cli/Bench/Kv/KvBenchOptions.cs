namespace XLLM.Cli.Bench.Kv;

/// <summary>A load for <see cref="KvBench"/>: streams that each run one request after the other.</summary>
internal sealed record KvBenchOptions
{
    /// <summary>Requests under way at a time.</summary>
    public int Streams { get; init; } = 16;

    /// <summary>Requests in all.</summary>
    public int Requests { get; init; } = 400;

    /// <summary>Prompts have up to so many tokens, the leading half of them the same for a fourth of the requests.</summary>
    public int MaxPrompt { get; init; } = 768;

    /// <summary>Requests generate up to so many tokens.</summary>
    public int MaxOutput { get; init; } = 256;

    public int Seed { get; init; } = 1;
}
