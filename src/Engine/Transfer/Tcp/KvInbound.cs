using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Ids;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// What others open at this engine: pushes of KV it was promised, and fetches of KV it has. Malformed frames end the connection;
/// what cannot be done is refused. Any thread.
/// </summary>
internal sealed class KvInbound(
    IKvBlockStore store, IKvHost host, KvRoom room, KvTransferOptions options, KvTransferMetrics metrics, TimeProvider time,
    ILogger logger) : IKvServer, IAsyncDisposable
{
    /// <summary>Most blocks of a chain in a frame; what is longer is transferred up to here.</summary>
    public const int MostBlocks = 8192;

    private const int MostName = 512;
    private const int MostSalt = 4096;

    private readonly ConcurrentDictionary<ulong, PushIn> _pushes = new();
    private readonly ConcurrentDictionary<Task, byte> _tasks = new();
    private readonly CancellationTokenSource _stopping = new();
    private int _fetches;

    /// <summary>Longest control frame that can be right for this layout.</summary>
    public static int ControlBytes(KvLayout layout) => checked(
        4096 + MostSalt + Math.Max(MostBlocks * (16 + (4 * layout.BlockTokens)), KvArrived.BytesFor(MostBlocks, layout.Layers)));

    public void Open(KvConnection connection, in KvFrame frame, ReadOnlySpan<byte> payload)
    {
        if (frame.Transfer == 0)
        {
            throw new KvTransferException(KvFault.Garbage, "A transfer has number 0.");
        }

        KvReader reader = new(payload);
        ulong transfer = frame.Transfer;
        if (frame.Kind == KvFrameKind.Push)
        {
            (long lease, string request) = (reader.Int64(), reader.Text(MostName));
            int blocks = reader.Count(1, MostBlocks);
            BlockHash last = reader.Hash();
            reader.End();
            Track(TakePushAsync(connection, transfer, lease, new RequestId(request), blocks, last));
        }
        else
        {
            string salt = reader.Text(MostSalt);
            int blocks = reader.Count(1, MostBlocks);
            KvChain chain = new(reader.Hashes(blocks), reader.Int32s(blocks * store.Layout.BlockTokens), salt);
            reader.End();
            if (Interlocked.Increment(ref _fetches) > options.MaxTransfers)
            {
                Interlocked.Decrement(ref _fetches);
                Refuse(connection, transfer, KvFault.NoRoom);
                return;
            }

            Track(GiveAsync(connection, transfer, chain));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_tasks.Keys).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private static void Refuse(KvConnection connection, ulong transfer, KvFault fault) =>
        connection.Post(new KvFrame(KvFrameKind.Failed, transfer, Block: (int)fault));

    private void Track(Task task)
    {
        _tasks.TryAdd(task, 0);
        _ = task.ContinueWith(x => _tasks.TryRemove(x, out _), TaskScheduler.Default);
    }

    private async Task TakePushAsync(
        KvConnection connection, ulong transfer, long lease, RequestId request, int blocks, BlockHash last)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (_pushes.TryGetValue(transfer, out PushIn? known))
        {
            await ResumeAsync(connection, transfer, lease, known).ConfigureAwait(false);
            return;
        }

        if (_pushes.Count >= options.MaxTransfers)
        {
            Refuse(connection, transfer, KvFault.NoRoom);
            return;
        }

        if (host.BeginPush(lease, request) is not { } expected)
        {
            Refuse(connection, transfer, KvFault.NoLease);
            return;
        }

        PushIn push = new(connection.Peer, lease);
        KvArrival arrival = new(KvHold.Empty, 0, KvFault.NoContent);
        long began = time.GetTimestamp();
        metrics.Began();
        try
        {
            bool isSame = blocks <= expected.Chain.Hashes.Length && expected.Chain.Hashes[blocks - 1] == last;
            if (!isSame || !_pushes.TryAdd(transfer, push))
            {
                Refuse(connection, transfer, KvFault.NoContent);
            }
            else
            {
                arrival = await TakeAsync(connection, transfer, expected, blocks, push).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            logger.TransferFailed(e, request.Value);
            Refuse(connection, transfer, KvFault.NoRoom);
        }
        finally
        {
            push.Ready.TrySetResult(null);
            _pushes.TryRemove(new(transfer, push));
            metrics.Over("push", "receive", arrival.Fault, time.GetElapsedTime(began));
        }

        logger.Arrived(request.Value, arrival.Came, connection.Peer.ToString(), arrival.Held.Blocks.Length, arrival.Fault);
        if (!expected.TryComplete(arrival) && arrival.Held.Blocks.Length > 0)
        {
            store.Release(arrival.Held);
        }
    }

    private async Task<KvArrival> TakeAsync(
        KvConnection connection, ulong transfer, KvExpected expected, int blocks, PushIn push)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(expected.Cancelled, _stopping.Token);
        KvHold held = await store.HoldAsync(expected.Chain, ending.Token).ConfigureAwait(false);
        KvFilling filling;
        try
        {
            filling = await KvFilling.BeginAsync(
                transfer, expected.Chain, held, blocks, store, room, options, metrics, time, ending.Token).ConfigureAwait(false);
        }
        catch
        {
            store.Release(held);
            throw;
        }

        KvReceiving receiving = filling.Receiving;
        push.Ready.TrySetResult(receiving);
        if (receiving.Ended.IsCompleted)
        {
            connection.Post(new KvFrame(KvFrameKind.Over, transfer));
        }
        else
        {
            receiving.TryBind(connection);
        }

        ending.CancelAfter(options.Patience);
        await using (ending.Token.Register(() => receiving.Cancel(KvFault.Cancelled)).ConfigureAwait(false))
        {
            return await filling.EndAsync().ConfigureAwait(false);
        }
    }

    private async Task ResumeAsync(KvConnection connection, ulong transfer, long lease, PushIn known)
    {
        KvReceiving? receiving = null;
        if (known.Peer == connection.Peer && known.Lease == lease)
        {
            receiving = await known.Ready.Task.ConfigureAwait(false);
        }

        if (receiving is null || !receiving.TryBind(connection))
        {
            Refuse(connection, transfer, KvFault.NoLease);
        }
        else
        {
            metrics.Resumed();
        }
    }

    private async Task GiveAsync(KvConnection connection, ulong transfer, KvChain chain)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        KvHold held = KvHold.Empty;
        KvFault fault = KvFault.Broken;
        long began = time.GetTimestamp();
        metrics.Began();
        try
        {
            held = await host.HoldAsync(chain, _stopping.Token).ConfigureAwait(false);
            fault = await SendAsync(connection, transfer, held).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            logger.TransferFailed(e, "a fetch of " + connection.Peer);
            Refuse(connection, transfer, KvFault.NoContent);
        }
        finally
        {
            if (held.Blocks.Length > 0)
            {
                store.Release(held);
            }

            Interlocked.Decrement(ref _fetches);
            metrics.Over("fetch", "send", fault, time.GetElapsedTime(began));
        }
    }

    private async Task<KvFault> SendAsync(KvConnection connection, ulong transfer, KvHold held)
    {
        using KvSending sending = new(transfer, held.Blocks.Length, store, options, time);
        if (held.Blocks.Length > 0)
        {
            sending.Add(new KvProgress(0, held.Blocks, 0, store.Layout.Layers));
        }

        sending.EndSource(KvFault.None);
        if (!sending.TryBind(connection))
        {
            return KvFault.Broken;
        }

        connection.Post(new KvFrame(KvFrameKind.Offer, transfer, Block: held.Blocks.Length));
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        ending.CancelAfter(options.Patience);
        await using (ending.Token.Register(() => sending.Cancel(KvFault.Cancelled)).ConfigureAwait(false))
        {
            await sending.RunAsync(connection).ConfigureAwait(false);
        }

        return sending.Fault ?? KvFault.Broken;
    }

    private sealed record PushIn(KvIdentity Peer, long Lease)
    {
        public TaskCompletionSource<KvReceiving?> Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
