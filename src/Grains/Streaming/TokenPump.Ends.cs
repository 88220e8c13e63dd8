using System.Collections.Immutable;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;

namespace XLLM.Grains.Streaming;

/// <summary>How runs end at a pump, and who is told.</summary>
public sealed partial class TokenPump
{
    private static readonly TimeSpan[] ReportRetries =
        [TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)];

    /// <summary>Ends every open run here, without the engine, and tells their grains.</summary>
    public void EndAll(RequestOutcome outcome, string reason)
    {
        (RequestId Request, TokenStream Stream)[] open;
        lock (_gate)
        {
            open = [.. _streams.Select(x => (x.Key, x.Value))];
        }

        foreach ((RequestId request, TokenStream stream) in open)
        {
            var last = new TokenChunk
            {
                Request = request,
                Run = stream.Run,
                FirstIndex = stream.Next,
                Outcome = outcome,
                Error = reason,
                Usage = new RequestUsage(),
            };
            Deliver(new EngineOutput(0, [last]));
        }
    }

    /// <summary>
    /// Gives every open run up: their grains are told that they are lost here, and the engine ends them. Nothing more of them
    /// reaches a gateway.
    /// </summary>
    public Task LoseAllAsync(string reason)
    {
        RequestId[] open = [.. OpenRequests()];
        EndAll(RequestOutcome.InstanceLost, reason);
        return CancelAsync(open);
    }

    // The grain learns of an end after the gateway has it: with the instance lost in between, the last tokens would be lost too.
    private void OnDelivered(ImmutableArray<TokenChunk> chunks)
    {
        foreach (TokenChunk chunk in chunks)
        {
            if (chunk.Outcome != RequestOutcome.None)
            {
                _ = ReportAsync(chunk);
            }
        }
    }

    private void OnSettled(GatewayLane lane, Exception? gone, ImmutableArray<TokenChunk> undelivered)
    {
        string broken = $"The way from {Instance} to the gateway is broken.";
        List<TokenChunk> orphans =
        [
            .. undelivered.Where(x => x.Outcome != RequestOutcome.None)
                .Select(x => x with { Outcome = RequestOutcome.InstanceLost, Error = broken }),
        ];
        lock (_gate)
        {
            if (gone is not null)
            {
                // The gateway may be gone, or only the way to it: the grain, which lives beside it, knows.
                foreach ((RequestId request, TokenStream stream) in _streams.Where(x => x.Value.Lane == lane).ToArray())
                {
                    Remove(request);
                    _reports++;
                    orphans.Add(new TokenChunk
                    {
                        Request = request,
                        Run = stream.Run,
                        Outcome = RequestOutcome.InstanceLost,
                        Error = broken,
                    });
                }
            }

            DropUnused(lane);
        }

        if (gone is not null)
        {
            logger.GatewayGone(Instance, orphans.Count, gone);
            _ = LoseAsync(orphans);
        }

        SignalWhenIdle();
    }

    private async Task LoseAsync(IReadOnlyCollection<TokenChunk> orphans)
    {
        await CancelAsync(orphans.Select(x => x.Request)).ConfigureAwait(false);
        await Task.WhenAll(orphans.Select(ReportAsync)).ConfigureAwait(false);
    }

    private async Task CancelAsync(IEnumerable<RequestId> orphans)
    {
        foreach (RequestId request in orphans)
        {
            try
            {
                await engine.EndAsync(request, RequestOutcome.Cancelled).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                logger.CancelFailed(request, Instance, e);
            }
        }
    }

    private async Task ReportAsync(TokenChunk last)
    {
        RequestUsage usage = last.Usage ?? new RequestUsage();
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                IRequestGrain grain = grains.GetGrain<IRequestGrain>(last.Request.Value);
                await grain.OnFinishedAsync(Instance, last.Run, last.Outcome, usage, last.Error).ConfigureAwait(false);
                break;
            }
            catch (Exception e) when (attempt < ReportRetries.Length)
            {
                logger.ReportRetried(last.Request, last.Outcome, e);
                await Task.Delay(ReportRetries[attempt], time).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                logger.ReportFailed(last.Request, last.Outcome, e);
                break;
            }
        }

        lock (_gate)
        {
            _reports--;
        }

        SignalWhenIdle();
    }
}
