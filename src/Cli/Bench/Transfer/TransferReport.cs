using System.Text.Json;

namespace XLLM.Cli.Bench.Transfer;

/// <summary>Medians of what was measured; rounds of floor and push took turns.</summary>
internal sealed record TransferReport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public required long Bytes { get; init; }

    public required long BlockBytes { get; init; }

    public required int Layers { get; init; }

    public required int Rounds { get; init; }

    /// <summary>A plain copy over one connection, bytes a second.</summary>
    public required double FloorRate { get; init; }

    /// <summary>A push, bytes a second.</summary>
    public required double PushRate { get; init; }

    /// <summary>Median over the rounds of a push's rate as a share of the floor measured beside it.</summary>
    public required double Share { get; init; }

    /// <summary>Processor seconds of both sides for each byte of the plain copy.</summary>
    public required double FloorCpu { get; init; }

    /// <summary>The same of a push.</summary>
    public required double PushCpu { get; init; }

    /// <summary>Asking for one block and having it, seconds: median and 99th percentile.</summary>
    public required double FetchMedian { get; init; }

    public required double FetchP99 { get; init; }

    public void Print(TextWriter writer)
    {
        writer.WriteLine(
            $"{Bytes / 1048576.0:0} MiB in blocks of {BlockBytes / 1024.0:0.#} KiB and {Layers} layers, {Rounds} rounds, loopback");
        writer.WriteLine($"  plain TCP copy   {FloorRate / 1e9,8:0.00} GB/s   {FloorCpu * 1e9:0.00} CPU s/GB");
        writer.WriteLine($"  push             {PushRate / 1e9,8:0.00} GB/s   {PushCpu * 1e9:0.00} CPU s/GB   {Share,6:P0} of the copy beside it");
        writer.WriteLine(
            $"  fetch of a block {FetchMedian * 1e6,8:0} us    99th percentile {FetchP99 * 1e6:0} us");
    }

    public string ToJson() => JsonSerializer.Serialize(this, Indented);
}
