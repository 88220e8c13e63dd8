using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Ids;

namespace XLLM.Engine.Transfer.Shared;

/// <summary>The receiving side of pushes by engines of this machine.</summary>
internal sealed class SharedKvServer : IAsyncDisposable
{
    private readonly IKvBlockStore _store;
    private readonly IKvHost _host;
    private readonly PeerPools _pools;
    private readonly BlockExchange _exchange;
    private readonly KvTransferOptions _options;
    private readonly SharedKvMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _places;
    private readonly Task _accepting;

    public SharedKvServer(
        KvIdentity self, IKvBlockStore store, IKvHost host, PeerPools pools, BlockExchange exchange, KvTransferOptions options,
        SharedKvMetrics metrics, TimeProvider time, ILogger logger)
    {
        _store = store;
        _host = host;
        _pools = pools;
        _exchange = exchange;
        _options = options;
        _metrics = metrics;
        _time = time;
        _logger = logger;
        _places = new SemaphoreSlim(options.MaxTransfers);
        _listener.Bind(SharedLine.AddressOf(self, Environment.ProcessId));
        _listener.Listen(options.MaxConnections);
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        for (int i = 0; i < _options.MaxTransfers; i++)
        {
            await _places.WaitAsync().ConfigureAwait(false);
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await _places.WaitAsync(_stopping.Token).ConfigureAwait(false);
                Socket? socket = null;
                try
                {
                    socket = await _listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                }
                finally
                {
                    if (socket is null)
                    {
                        _places.Release();
                    }
                }

                _ = ServeAsync(new SharedLine(socket));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                if (!_stopping.IsCancellationRequested)
                {
                    _logger.ConnectionFailed(e, "an engine of this machine");
                }
            }
        }
    }

    private async Task ServeAsync(SharedLine line)
    {
        try
        {
            using (line)
            {
                string[] words = line.IsOwn() ? await ReceiveAsync(line, default).ConfigureAwait(false) : [];
                if (words is ["push", string process, string epoch, string instance, string lease, string request])
                {
                    KvIdentity giver = new(new InstanceId(Uri.UnescapeDataString(instance)), Number(epoch));
                    await PushAsync(line, giver, (int)Number(process), Number(lease), new RequestId(Uri.UnescapeDataString(request)))
                        .ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException or FormatException
            or OverflowException)
        {
            // The other side is gone, silent or talks nonsense: what it promised is computed here.
        }
        catch (Exception e)
        {
            _logger.ConnectionFailed(e, "an engine of this machine");
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task PushAsync(SharedLine line, KvIdentity giver, int process, long lease, RequestId request)
    {
        if (_pools.Rent(giver, process) is not { } entry)
        {
            await line.SendAsync($"no {(int)KvFault.Unreachable}", _stopping.Token).ConfigureAwait(false);
            return;
        }

        try
        {
            if (_host.BeginPush(lease, request) is not { } expected)
            {
                await line.SendAsync($"no {(int)KvFault.NoLease}", _stopping.Token).ConfigureAwait(false);
                return;
            }

            KvArrival arrival = new(KvHold.Empty, 0, KvFault.Broken);
            try
            {
                await line.SendAsync("go", _stopping.Token).ConfigureAwait(false);
                arrival = await WaitAsync(line, entry, expected).ConfigureAwait(false);
            }
            finally
            {
                if (!expected.TryComplete(arrival))
                {
                    _store.Release(arrival.Held);
                }
            }

            await line.SendAsync($"took {arrival.Came}", _stopping.Token).ConfigureAwait(false);
        }
        finally
        {
            _pools.Return(entry);
        }
    }

    private async Task<KvArrival> WaitAsync(SharedLine line, PeerEntry giver, KvExpected expected)
    {
        while (true)
        {
            string[] words;
            try
            {
                words = await ReceiveAsync(line, expected.Cancelled).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return new KvArrival(
                    KvHold.Empty, 0, expected.Cancelled.IsCancellationRequested ? KvFault.Cancelled : KvFault.Silent);
            }

            switch (words)
            {
                case ["alive"]:
                    continue;
                case ["failed", ..]:
                    return new KvArrival(KvHold.Empty, 0, KvFault.NoContent);
                case ["offer", string slot, string first, string found]:
                    KvArrival arrival = await TakeAsync(giver, expected.Chain, (int)Number(slot), (int)Number(first)).ConfigureAwait(false);
                    return arrival with { Found = (int)Math.Clamp(Number(found), 0, arrival.Held.Blocks.Length) };
                default:
                    return new KvArrival(KvHold.Empty, 0, KvFault.Broken);
            }
        }
    }

    private async Task<KvArrival> TakeAsync(PeerEntry giver, KvChain chain, int slot, int first)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)first, (uint)chain.Hashes.Length);
        (KvHold hold, int copied) = await PeerBlocks
            .TakeAsync(_store, giver.Pool, chain with { Hashes = chain.Hashes[..first] }).ConfigureAwait(false);
        int exchanged = 0;
        if (hold.Blocks.Length == first && slot >= 0)
        {
            giver.IsAttached = true;
            (KvHold all, exchanged) = await _exchange.TakeAsync(giver.Pool, slot, chain, first).ConfigureAwait(false);
            _store.Release(hold);
            hold = all;
        }

        _metrics.Took(exchanged, copied * _store.Layout.BlockBytes);
        return new KvArrival(
            hold, copied + exchanged, hold.Blocks.Length == chain.Hashes.Length ? KvFault.None : KvFault.NoContent);
    }

    private async Task<string[]> ReceiveAsync(SharedLine line, CancellationToken cancelled)
    {
        using CancellationTokenSource silence = new(_options.Silence, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, _stopping.Token, cancelled);
        return await line.ReceiveAsync(either.Token).ConfigureAwait(false);
    }

    private static long Number(string word) => long.Parse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
}
