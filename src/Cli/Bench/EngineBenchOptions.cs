namespace XLLM.Cli.Bench;

/// <summary>What <c>bench engine</c> measures. Lengths in tokens.</summary>
internal sealed record EngineBenchOptions
{
    public required string Model { get; init; }

    /// <summary>Prompt of every stream, and of the prefill point.</summary>
    public int Prompt { get; init; } = 512;

    /// <summary>Tokens each stream decodes.</summary>
    public int Decode { get; init; } = 128;

    public IReadOnlyList<int> Streams { get; init; } = [1, 16];

    /// <summary>Rounds; medians are reported.</summary>
    public int Rounds { get; init; } = 3;
}
