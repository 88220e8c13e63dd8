using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;

namespace XLLM.Engine.Transfer;

/// <summary>What waits for KV, and what is sent away.</summary>
public sealed partial class KvEngine
{
    public async ValueTask<bool> PrefillForAsync(
        InferenceRequest request, KvLease lease, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(lease);
        if (lease.Endpoint is not { } endpoint || ChainOf(request) is not { } chain
            || await OpenPushAsync(request, endpoint, lease, chain, cancellationToken).ConfigureAwait(false) is not { } push)
        {
            return false;
        }

        _tierEvents?.Remember(chain);
        if (await _requests.PrefillAsync(request, cancellationToken).ConfigureAwait(false) is { } prefill)
        {
            Track(PushAsync(request, endpoint, prefill, push));
            return true;
        }

        await push.EndAsync(KvFault.NoContent).ConfigureAwait(false);
        await push.DisposeAsync().ConfigureAwait(false);
        return false;
    }

    private async Task<IKvPush?> OpenPushAsync(
        InferenceRequest request, KvEndpoint endpoint, KvLease lease, KvChain chain, CancellationToken cancellationToken)
    {
        foreach (IKvTransport transport in _transports.Where(x => x.CanReach(endpoint)))
        {
            try
            {
                return await transport.OpenPushAsync(endpoint, lease, chain, cancellationToken).ConfigureAwait(false);
            }
            catch (KvTransferException e)
            {
                _logger.NotPushed(request.Id.Value, endpoint.Instance.Value, transport.Capability, e.Message);
            }
        }

        return null;
    }

    private async Task PushAsync(InferenceRequest request, KvEndpoint endpoint, IKvPrefill prefill, IKvPush push)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        _ = push.Ended.ContinueWith(_ => CancelQuietly(ending), TaskScheduler.Default);
        KvFault fault = KvFault.None;
        try
        {
            await foreach (KvProgress progress in prefill.Progress.ReadAllAsync(ending.Token).ConfigureAwait(false))
            {
                push.Add(progress);
            }
        }
        catch (OperationCanceledException)
        {
            fault = KvFault.Cancelled;
        }
        catch (KvPrefillException)
        {
            fault = KvFault.NoContent;
        }
        catch (Exception e)
        {
            _logger.TransferFailed(e, request.Id.Value);
            fault = KvFault.NoContent;
        }

        if (fault == KvFault.None && await push.TakeOverAsync().ConfigureAwait(false))
        {
            await prefill.DisposeAsync().ConfigureAwait(false);
        }

        fault = await push.EndAsync(fault).ConfigureAwait(false);
        await push.DisposeAsync().ConfigureAwait(false);
        await prefill.DisposeAsync().ConfigureAwait(false);
        _logger.Pushed(request.Id.Value, endpoint.Instance.Value, fault);
    }

    /// <summary>Waits for what the parked request begins with, then lets it go on with what has come.</summary>
    private async Task BringAsync(
        InferenceRequest request, KvChain chain, long lease, KvExpected? expected, CancellationTokenSource ending)
    {
        KvHold held = KvHold.Empty;
        int cachedTokens = int.MaxValue;
        try
        {
            if (request.KvFrom is { IsPush: true } && expected is not null)
            {
                int? cached = await WaitAsync(request, expected, ending.Token).ConfigureAwait(false);
                cachedTokens = cached is { } blocks ? blocks * Descriptor.BlockTokens : cachedTokens;
            }
            else
            {
                if (_tiers is not null)
                {
                    held = await _tiers.BringUpAsync(chain, PrefillRate, ending.Token).ConfigureAwait(false);
                }

                if (request.KvFrom is { IsPush: false } source && held.Blocks.Length < WantedOf(source, chain))
                {
                    KvHold below = held;
                    held = (await FetchAsync(request, source, chain, ending.Token).ConfigureAwait(false)).Held;
                    _store.Release(below);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The request has been ended.
        }
        catch (Exception e)
        {
            _logger.TransferFailed(e, request.Id.Value);
        }
        finally
        {
            _waiting.TryRemove(new(request.Id, ending));
            ending.Dispose();

            // The engine sees this before the blocks are released.
            _requests.Unpark(request.Id, cachedTokens);
            _store.Release(held);
            Drop(lease, expected);
        }
    }

    private static int WantedOf(KvSource source, KvChain chain) =>
        source.Blocks > 0 ? Math.Min(source.Blocks, chain.Hashes.Length) : chain.Hashes.Length;

    /// <summary>Leading blocks that were hits of a prefix cache, here or there; null = nothing was pushed.</summary>
    private async Task<int?> WaitAsync(InferenceRequest request, KvExpected expected, CancellationToken ending)
    {
        try
        {
            await expected.Begun.WaitAsync(_options.Silence, _time, ending).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _logger.DidNotCome(request.Id.Value, $"nothing was heard for {_options.Silence.TotalMilliseconds:0} ms.");
            return null;
        }

        // Its own clocks end it. What it holds is released with the expectation.
        KvArrival arrival = await expected.Arrived.WaitAsync(ending).ConfigureAwait(false);
        if (arrival.Fault != KvFault.None)
        {
            _logger.DidNotCome(request.Id.Value, $"{arrival.Came} blocks came, then {arrival.Fault}.");
        }

        return arrival.Came > 0 ? arrival.Cached : null;
    }

    private async Task<KvArrival> FetchAsync(
        InferenceRequest request, KvSource source, KvChain chain, CancellationToken ending)
    {
        chain = chain with { Hashes = chain.Hashes[..WantedOf(source, chain)] };
        KvArrival arrival = new(KvHold.Empty, 0, KvFault.Unreachable);
        foreach (IKvTransport transport in _transports.Where(x => x.CanReach(source.Endpoint)))
        {
            _store.Release(arrival.Held);
            arrival = await transport.FetchAsync(source.Endpoint, chain, ending).ConfigureAwait(false);
            if (arrival.Fault == KvFault.None)
            {
                break;
            }
        }

        _logger.Arrived(
            request.Id.Value, arrival.Came, source.Endpoint.Instance.Value, arrival.Held.Blocks.Length, arrival.Fault);
        return arrival;
    }

    private static void CancelQuietly(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Its owner was done first.
        }
    }
}
