using System.Collections.Immutable;
using System.Threading.Channels;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Engine.Transfer;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Loop;

/// <summary>
/// A prompt computed for another engine: what the engine says of it, and its end. Blocks are held from the step on that completes
/// them, so that what was told stays as it was told, also when the sequence goes over to an equal block or is pre-empted.
/// Belongs to the engine's thread; <see cref="LayerWatch"/> tells of layers under its lock while a step runs.
/// </summary>
internal sealed class KvPrefill(RequestId request, int blocks, int layers, Action<KvPrefill> end) : IKvPrefill
{
    private readonly Channel<KvProgress> _progress =
        Channel.CreateUnbounded<KvProgress>(new UnboundedChannelOptions { SingleReader = false });

    private int _disposed;

    public ChannelReader<KvProgress> Progress => _progress.Reader;

    /// <summary>Blocks of the chain that are told of, or completed by the running step; a reference each.</summary>
    public BlockTable Held { get; } = new();

    public RequestId Request => request;

    /// <summary>Full blocks of the prompt.</summary>
    public int Blocks => blocks;

    /// <summary>Blocks told of in all layers.</summary>
    public int Told { get; private set; }

    /// <summary>Layers told of the held blocks after those.</summary>
    public int LayersTold { get; private set; }

    /// <summary>All that is held has its content in these layers.</summary>
    public void TellLayers(int done) => TellLayers(done, isFound: false);

    /// <summary>All that is held has its content; <paramref name="isFound"/>: the prefix cache had what was not told of yet.</summary>
    public void TellAll(bool isFound = false)
    {
        TellLayers(layers, isFound);
        (Told, LayersTold) = (Held.Count, 0);
    }

    /// <summary>Nothing follows.</summary>
    public void End(RequestOutcome outcome, string? error) =>
        _progress.Writer.TryComplete(outcome == RequestOutcome.CompletedLength && Told == blocks
            ? null
            : new KvPrefillException($"The prompt was not computed ({outcome}, {Told} of {blocks} blocks): {error}"));

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            end(this);
        }

        return ValueTask.CompletedTask;
    }

    private void TellLayers(int done, bool isFound)
    {
        if (done > LayersTold && Held.Count > Told)
        {
            ImmutableArray<int> computed = [.. Held.Blocks.Span[Told..]];
            _progress.Writer.TryWrite(new KvProgress(Told, computed, LayersTold, done - LayersTold, isFound));
            LayersTold = done;
        }
    }
}
