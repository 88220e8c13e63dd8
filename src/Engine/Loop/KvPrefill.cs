using System.Collections.Immutable;
using System.Threading.Channels;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Engine.Transfer;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Loop;

/// <summary>A prompt computed for another engine: what the engine's thread says of it, and its end.</summary>
internal sealed class KvPrefill(RequestId request, int blocks, Action<KvPrefill> end) : IKvPrefill
{
    private readonly Channel<KvProgress> _progress =
        Channel.CreateUnbounded<KvProgress>(new UnboundedChannelOptions { SingleWriter = true });

    private int _disposed;

    public ChannelReader<KvProgress> Progress => _progress.Reader;

    /// <summary>Blocks it has told of, in the order of the chain; a reference each. Engine's thread.</summary>
    public BlockTable Held { get; } = new();

    public RequestId Request => request;

    /// <summary>Full blocks of the prompt.</summary>
    public int Blocks => blocks;

    /// <summary>Blocks [first, first + blocks) of the chain have their content in these layers. Engine's thread.</summary>
    public void Report(int first, ImmutableArray<int> computed, int firstLayer, int layers) =>
        _progress.Writer.TryWrite(new KvProgress(first, computed, firstLayer, layers));

    /// <summary>Nothing follows. Engine's thread.</summary>
    public void End(RequestOutcome outcome, string? error) =>
        _progress.Writer.TryComplete(outcome == RequestOutcome.CompletedLength && Held.Count == blocks
            ? null
            : new KvPrefillException($"The prompt was not computed ({outcome}, {Held.Count} of {blocks} blocks): {error}"));

    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            end(this);
        }

        return ValueTask.CompletedTask;
    }
}
