using System.Globalization;
using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Bench.Peers;

/// <summary>
/// A build of llama.cpp or a fork of it: prefill by llama-bench, decode by llama-batched-bench, each measurement a process of its
/// own that ends, with its own prompts.
/// </summary>
internal sealed class FolderPeer : IBenchSide
{
    private const string Bench = "llama-bench";
    private const string Batched = "llama-batched-bench";

    private readonly string _bench;
    private readonly string _batched;
    private readonly string _model;
    private readonly int _threads;
    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("xllm-bench-");
    private readonly FlashChoice _flash = new();
    private string _build = "";

    private FolderPeer(string name, string bench, string batched, string model, int threads)
    {
        Name = name;
        _bench = bench;
        _batched = batched;
        _model = Path.GetFullPath(model);
        _threads = threads;
    }

    public string Name { get; }

    public string Details => $"{Bench} and {Batched}{_build}, {_threads} threads";

    /// <summary>Finds the programs in the folder, in bin or in build/bin.</summary>
    /// <exception cref="PeerException">One is missing.</exception>
    public static FolderPeer Open(PeerReference peer, string model, int threads)
    {
        string folder = peer.Folder ?? throw new ArgumentException("The peer has no folder.", nameof(peer));
        return new FolderPeer(peer.Name, Find(folder, Bench), Find(folder, Batched), model, threads);
    }

    public bool CanMeasure(BenchPoint point) => point.Kind != PointKind.Mixed;

    public Task<string> PrepareAsync(BenchPoint point, CancellationToken cancellationToken) =>
        _flash.TryAsync(point, flash => RateAsync(point, flash, cancellationToken));

    public Task<double> MeasureAsync(BenchPoint point, CancellationToken cancellationToken) =>
        RateAsync(point, _flash.Of(point), cancellationToken);

    public ValueTask DisposeAsync()
    {
        _scratch.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static string Find(string folder, string program)
    {
        string file = OperatingSystem.IsWindows() ? program + ".exe" : program;
        string[] places = [Path.Combine(folder, file), Path.Combine(folder, "bin", file), Path.Combine(folder, "build", "bin", file)];
        return places.FirstOrDefault(File.Exists)
            ?? throw new PeerException($"--peer {folder}: {program} is not there. Looked for {string.Join(", ", places)}.");
    }

    private async Task<double> RateAsync(BenchPoint point, bool flash, CancellationToken cancellationToken) =>
        point.Kind == PointKind.Prefill ? await PrefillAsync(point, flash, cancellationToken) : await DecodeAsync(point, flash, cancellationToken);

    // The first repetition touches its buffers for the first time; the second counts.
    private async Task<double> PrefillAsync(BenchPoint point, bool flash, CancellationToken cancellationToken)
    {
        string output = await PeerProcess.RunAsync(
            _bench,
            ["-m", _model, "-t", Text(_threads), "-p", Text(point.Context), "-n", "0", "-r", "2", "-b", "2048", "-ub", Text(BenchPoint.StepTokens),
                "-fa", flash ? "1" : "0", "-o", "json"],
            _scratch.FullName,
            cancellationToken);
        LlamaBenchOutput parsed = LlamaBenchOutput.Parse(output);
        _build = parsed.Commit is not ("" or "unknown") ? $" of {parsed.Commit}" : "";
        return parsed.Prompt == point.Context && parsed.Rates is [.., > 0 and var rate]
            ? rate
            : throw new PeerException($"llama-bench measured another point than a prompt of {point.Context}: {Shortened.Of(output)}");
    }

    private async Task<double> DecodeAsync(BenchPoint point, bool flash, CancellationToken cancellationToken)
    {
        int context = (point.Streams * (point.Context + point.Steps)) + 256;
        string output = await PeerProcess.RunAsync(
            _batched,
            ["-m", _model, "-t", Text(_threads), "-c", Text(context), "-b", "2048", "-ub", Text(BenchPoint.StepTokens),
                "-npp", Text(point.Context), "-ntg", Text(point.Steps), "-npl", Text(point.Streams), "-fa", flash ? "on" : "off"],
            _scratch.FullName,
            cancellationToken);
        BatchedBenchOutput row = BatchedBenchOutput.Parse(output);
        return row.Prompt == point.Context && row.Streams == point.Streams && row.DecodeRate > 0
            ? row.DecodeRate
            : throw new PeerException($"llama-batched-bench measured another point than {point}: {Shortened.Of(output)}");
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
