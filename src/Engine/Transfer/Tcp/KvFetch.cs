using XLLM.Contracts.Kv;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>A fetch this side has begun. When its connection breaks it asks again for what has not come.</summary>
internal sealed class KvFetch(
    ulong id, KvEndpoint endpoint, KvChain chain, IKvBlockStore store, KvRoom room, KvPeers peers, KvTransferOptions options,
    KvTransferMetrics metrics, TimeProvider time)
{
    private readonly ReadOnlyMemory<byte> _opening = Opening(chain);
    private KvFilling? _filling;

    /// <summary>Runs to its end; takes the hold over. Throws only what the block store throws.</summary>
    public async Task<KvArrival> RunAsync(KvHold held, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ending.CancelAfter(options.Patience);
        KvFault fault;
        try
        {
            fault = await TryAsync(held, ending.Token).ConfigureAwait(false);
        }
        catch when (_filling is null)
        {
            store.Release(held);
            throw;
        }

        if (_filling is null)
        {
            return new KvArrival(held, 0, fault);
        }

        // Ended already, or for this reason.
        _filling.Receiving.Cancel(fault);
        return await _filling.EndAsync().ConfigureAwait(false);
    }

    private static ReadOnlyMemory<byte> Opening(KvChain chain)
    {
        KvWriter writer = new KvWriter().Add(chain.Salt).Add(chain.Hashes.Length);
        foreach (Contracts.Ids.BlockHash hash in chain.Hashes)
        {
            writer.Add(hash);
        }

        return writer.Add(chain.Tokens.AsSpan()).Written;
    }

    private async Task<KvFault> TryAsync(KvHold held, CancellationToken ending)
    {
        long lost = time.GetTimestamp();
        TimeSpan pause = options.Silence / 64;
        while (true)
        {
            try
            {
                KvConnection connection = await peers.GetAsync(endpoint, ending).ConfigureAwait(false);
                KvFault? fault = await AskAsync(connection, held, ending).ConfigureAwait(false);
                if (fault is not null)
                {
                    return fault.Value;
                }

                lost = time.GetTimestamp();
            }
            catch (KvTransferException e) when (e.Fault is not (KvFault.Broken or KvFault.Unreachable))
            {
                return e.Fault;
            }
            catch (KvTransferException e)
            {
                if (time.GetElapsedTime(lost) + pause > options.Silence)
                {
                    return e.Fault;
                }

                await Task.Delay(pause, time, CancellationToken.None).ConfigureAwait(false);
                pause *= 2;
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return KvFault.Cancelled;
            }
        }
    }

    /// <summary>One attempt over one connection; null = the connection broke on the way.</summary>
    private async Task<KvFault?> AskAsync(KvConnection connection, KvHold held, CancellationToken ending)
    {
        KvOffer offer = new();
        if (!connection.TryAttach(id, offer))
        {
            throw new KvTransferException(KvFault.Broken, $"The connection with {connection.Peer} broke.");
        }

        int offered;
        try
        {
            connection.Post(new KvFrame(KvFrameKind.Fetch, id), _opening);
            offered = await offer.Blocks.WaitAsync(options.Silence, time, ending).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            connection.Post(new KvFrame(KvFrameKind.Failed, id, Block: (int)KvFault.Silent));
            return KvFault.Silent;
        }
        finally
        {
            connection.Detach(id, offer);
        }

        offered = Math.Min(offered, chain.Hashes.Length);
        bool isResumed = _filling is not null;
        if (offered <= held.Blocks.Length)
        {
            connection.Post(new KvFrame(KvFrameKind.Over, id));
            return KvFault.NoContent;
        }

        _filling ??= await KvFilling.BeginAsync(
            id, chain, held, offered, store, room, options, metrics, time, ending).ConfigureAwait(false);
        KvReceiving receiving = _filling.Receiving;
        if (receiving.Ended.IsCompleted)
        {
            connection.Post(new KvFrame(KvFrameKind.Over, id));
            return KvFault.NoRoom;
        }

        if (offered < receiving.First + receiving.Count)
        {
            connection.Post(new KvFrame(KvFrameKind.Over, id));
            return KvFault.NoContent;
        }

        if (isResumed)
        {
            metrics.Resumed();
        }

        if (!receiving.TryBind(connection))
        {
            return receiving.Ended.IsCompleted ? await receiving.Ended.ConfigureAwait(false) : null;
        }

        // A broken connection ends it too; the receiving side itself waits for the next one.
        await Task.WhenAny(receiving.Ended, connection.Closed).WaitAsync(ending).ConfigureAwait(false);
        return receiving.Ended.IsCompleted ? await receiving.Ended.ConfigureAwait(false) : null;
    }
}
