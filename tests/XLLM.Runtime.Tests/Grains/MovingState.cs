namespace XLLM.Runtime.Tests.Grains;

[GenerateSerializer, Immutable, Alias("tests.MovingState")]
public sealed record MovingState
{
    [Id(0)]
    public string Activation { get; init; } = "";

    [Id(1)]
    public string Silo { get; init; } = "";

    /// <summary>Value that moves by dehydration.</summary>
    [Id(2)]
    public string? Carried { get; init; }

    [Id(3)]
    public string? Stored { get; init; }

    [Id(4)]
    public string? ETag { get; init; }

    [Id(5)]
    public int Timers { get; init; }
}
