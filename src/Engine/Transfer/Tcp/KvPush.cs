using XLLM.Contracts.Kv;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>A push this side has opened. When its connection breaks it goes on over a new one, as long as the receiver waits.</summary>
internal sealed class KvPush : IKvPush
{
    private readonly KvPeers _peers;
    private readonly KvEndpoint _endpoint;
    private readonly KvSending _sending;
    private readonly ReadOnlyMemory<byte> _opening;
    private readonly KvTransferOptions _options;
    private readonly KvTransferMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly CancellationTokenSource _stopping;
    private Task _running = Task.CompletedTask;

    public KvPush(
        KvPeers peers, KvEndpoint endpoint, KvLease lease, KvChain chain, KvSending sending, KvTransferOptions options,
        KvTransferMetrics metrics, TimeProvider time)
    {
        _peers = peers;
        _endpoint = endpoint;
        _sending = sending;
        _options = options;
        _metrics = metrics;
        _time = time;
        _began = time.GetTimestamp();
        _stopping = new CancellationTokenSource(options.Patience, time);
        _opening = new KvWriter().Add(lease.Id).Add(lease.Request.Value).Add(chain.Hashes.Length).Add(chain.Hashes[^1]).Written;
        metrics.Began();
    }

    public Task<KvFault> Ended => _sending.Ended;

    /// <summary>Connects and waits for the receiver's answer. Throws <see cref="KvTransferException"/>.</summary>
    public async ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        KvConnection connection = await _peers.GetAsync(_endpoint, cancellationToken).ConfigureAwait(false);
        if (!TryBind(connection))
        {
            throw new KvTransferException(KvFault.Broken, $"The connection with {connection.Peer} broke.");
        }

        _running = RunAsync(connection);
        await _sending.Answered.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_sending.Fault is { } fault and not KvFault.None)
        {
            throw new KvTransferException(fault, $"{connection.Peer} takes no KV for the request: {fault}.");
        }
    }

    public void Add(KvProgress progress) => _sending.Add(progress);

    public async ValueTask<KvFault> EndAsync(KvFault fault)
    {
        _sending.EndSource(fault);
        await _running.ConfigureAwait(false);
        return _sending.Fault ?? KvFault.Broken;
    }

    public async ValueTask DisposeAsync()
    {
        _sending.Cancel(KvFault.Cancelled);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _sending.Dispose();
        _stopping.Dispose();
        _metrics.Over("push", "send", _sending.Fault ?? KvFault.Broken, _time.GetElapsedTime(_began));
    }

    private bool TryBind(KvConnection connection)
    {
        if (!_sending.TryBind(connection))
        {
            return false;
        }

        connection.Post(new KvFrame(KvFrameKind.Push, _sending.Id), _opening);
        return true;
    }

    private async Task RunAsync(KvConnection connection)
    {
        using CancellationTokenRegistration patience = _stopping.Token.Register(() => _sending.Cancel(KvFault.Silent));
        while (true)
        {
            await _sending.RunAsync(connection).ConfigureAwait(false);
            if (_sending.Fault is not null || await ReconnectAsync().ConfigureAwait(false) is not { } next)
            {
                _sending.Cancel(KvFault.Broken);
                return;
            }

            connection = next;
            _metrics.Resumed();
        }
    }

    /// <summary>Another connection, tried for as long as a receiver waits; null = it is in vain.</summary>
    private async Task<KvConnection?> ReconnectAsync()
    {
        long lost = _time.GetTimestamp();
        for (TimeSpan pause = _options.Silence / 64; _time.GetElapsedTime(lost) < _options.Silence; pause *= 2)
        {
            try
            {
                KvConnection connection = await _peers.GetAsync(_endpoint, _stopping.Token).ConfigureAwait(false);
                if (TryBind(connection))
                {
                    return connection;
                }

                await Task.Delay(pause, _time, _stopping.Token).ConfigureAwait(false);
            }
            catch (KvTransferException e) when (e.Fault is KvFault.Broken or KvFault.Unreachable)
            {
                await Task.Delay(pause, _time, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (e is KvTransferException or OperationCanceledException or ObjectDisposedException)
            {
                return null;
            }
        }

        return null;
    }
}
