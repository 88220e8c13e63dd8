namespace XLLM.Cli.Bench.Points;

/// <summary>One of those compared: this engine or a peer. Idle between calls: no thread of it spins.</summary>
internal interface IBenchSide : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Version, build and settings, for the record.</summary>
    string Details { get; }

    /// <summary>False for points that it has no means to run.</summary>
    bool CanMeasure(BenchPoint point);

    /// <summary>Sets up a point and tries its variants, uncounted. Its text says what it chose, empty = nothing to say.</summary>
    Task<string> PrepareAsync(BenchPoint point, CancellationToken cancellationToken);

    /// <summary>One measurement, in tokens a second.</summary>
    /// <exception cref="PeerException">The peer failed; the message says how.</exception>
    Task<double> MeasureAsync(BenchPoint point, CancellationToken cancellationToken);
}
