using System.Globalization;
using XLLM.Contracts.Kv;

namespace XLLM.Engine.Transfer.Shared;

/// <summary>
/// A push to an engine of this machine. Nothing moves while the prompt is computed: at the end the blocks change hands, and those
/// that others here need too are copied by the receiver.
/// </summary>
internal sealed class SharedKvPush : IKvPush
{
    private readonly SharedLine _line;
    private readonly PeerPools _pools;
    private readonly PeerEntry _receiver;
    private readonly BlockExchange _exchange;
    private readonly IKvBlockStore _store;
    private readonly KvChain _chain;
    private readonly KvTransferOptions _options;
    private readonly CancellationTokenSource _stopping;
    private readonly TaskCompletionSource<KvFault> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _alive;
    private readonly Task<string[]> _answer;
    private KvHold _held = KvHold.Empty;
    private int _found;
    private int _disposed;

    /// <summary>Owns the line, and returns the pool.</summary>
    public SharedKvPush(
        SharedLine line, PeerPools pools, PeerEntry receiver, BlockExchange exchange, IKvBlockStore store, KvChain chain,
        KvTransferOptions options, TimeProvider time)
    {
        _line = line;
        _pools = pools;
        _receiver = receiver;
        _exchange = exchange;
        _store = store;
        _chain = chain;
        _options = options;
        _stopping = new CancellationTokenSource(options.Patience, time);
        _alive = time.CreateTimer(_ => SayAlive(), null, options.Silence / 4, options.Silence / 4);
        _answer = ReadAnswerAsync();
    }

    public Task<KvFault> Ended => _ended.Task;

    public void Add(KvProgress progress)
    {
        if (progress.IsFound)
        {
            _found = progress.First + progress.Blocks.Length;
        }
    }

    public async ValueTask<bool> TakeOverAsync()
    {
        _held = await _store.HoldAsync(_chain).ConfigureAwait(false);
        return true;
    }

    public async ValueTask<KvFault> EndAsync(KvFault fault)
    {
        try
        {
            if (fault != KvFault.None)
            {
                await _line.SendAsync($"failed {(int)fault}", _stopping.Token).ConfigureAwait(false);
                return fault;
            }

            return await HandOverAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or OperationCanceledException or ObjectDisposedException)
        {
            return KvFault.Broken;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _alive.DisposeAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _answer.ConfigureAwait(false);
        _store.Release(_held);
        _line.Dispose();
        _pools.Return(_receiver);
        _stopping.Dispose();
    }

    private async Task<KvFault> HandOverAsync()
    {
        KvHold held = _held;
        _held = KvHold.Empty;
        _receiver.IsAttached = true;
        BlockOffer offer = await _exchange.OfferAsync(_receiver.Pool, held, _chain).ConfigureAwait(false);
        string[] answer = [];
        try
        {
            await _line.SendAsync(
                string.Create(CultureInfo.InvariantCulture, $"offer {offer.Slot} {offer.First} {_found}"), _stopping.Token).ConfigureAwait(false);
            answer = await _answer.ConfigureAwait(false);
        }
        finally
        {
            // Whatever was said: the word in shared memory decides.
            await _exchange.SettleAsync(offer).ConfigureAwait(false);
        }

        return answer is ["took", ..] ? KvFault.None : KvFault.Broken;
    }

    private async Task<string[]> ReadAnswerAsync()
    {
        string[] answer = [];
        try
        {
            answer = await _line.ReceiveAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The receiver is gone, or this push is.
        }

        _ended.TrySetResult(answer is ["took", ..] ? KvFault.None : KvFault.Broken);
        return answer;
    }

    private void SayAlive() => _ = _line.SendAsync("alive", _stopping.Token)
        .ContinueWith(static sent => _ = sent.Exception, TaskContinuationOptions.ExecuteSynchronously);
}
