using Microsoft.Extensions.Logging;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;
using XLLM.Grains.Telemetry;

namespace XLLM.Grains.Streaming;

/// <summary>
/// Carries one engine's chunks to the gateways that asked for them, beside the grains: one message per step and gateway. Tells
/// each request's grain when it has ended. An end that is the instance's fault is told to the grain alone: the request goes on
/// elsewhere. Never makes the engine wait: lanes buffer, and the engine's own channel is drained.
/// </summary>
public sealed partial class TokenPump(IInferenceEngine engine, IGrainFactory grains, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Lock _delivery = new();
    private readonly Dictionary<RequestId, TokenStream> _streams = [];
    private readonly Dictionary<ITokenStreamObserver, GatewayLane> _lanes = [];
    private readonly List<GatewayLane> _touched = [];
    private readonly List<TokenChunk> _ended = [];
    private readonly RequestTraces _traces = new(engine.Descriptor.Id);
    private TaskCompletionSource? _idle;
    private int _reports;

    private InstanceId Instance => engine.Descriptor.Id;

    /// <summary>Requests whose end has not come yet.</summary>
    public int Open
    {
        get
        {
            lock (_gate)
            {
                return _streams.Count;
            }
        }
    }

    /// <summary>
    /// Names the gateway of a run of a request; to be called before the engine starts it, so that no chunk is lost. An older run
    /// that is still here is forgotten. False: this run is here already, or a newer one.
    /// </summary>
    public bool TryOpen(RequestId request, int run, ITokenStreamObserver gateway)
    {
        lock (_gate)
        {
            if (_streams.TryGetValue(request, out TokenStream? known))
            {
                if (known.Run >= run)
                {
                    return false;
                }

                Remove(request);
            }

            if (!_lanes.TryGetValue(gateway, out GatewayLane? lane) || lane.IsGone)
            {
                _lanes[gateway] = lane = new GatewayLane(Instance, gateway, OnDelivered, OnSettled);
            }

            lane.Streams++;
            _streams.Add(request, new TokenStream(lane, run));
            return true;
        }
    }

    /// <summary>Whether a run of the request is here that is newer than this one.</summary>
    public bool HasNewer(RequestId request, int run)
    {
        lock (_gate)
        {
            return _streams.TryGetValue(request, out TokenStream? known) && known.Run > run;
        }
    }

    /// <summary>Makes spans of the request's stages when it ends, if its caller is traced.</summary>
    public void Trace(InferenceRequest request) => _traces.Begin(request);

    /// <summary>Forgets a request that did not start or was withdrawn: nothing more is told of it. False = not here.</summary>
    public bool Close(RequestId request)
    {
        _traces.Forget(request);
        bool closed;
        lock (_gate)
        {
            closed = Remove(request);
        }

        SignalWhenIdle();
        return closed;
    }

    /// <summary>
    /// Reads the engine's outputs until they end or the token is cancelled. When they end, the grains of requests that are still
    /// open are told <see cref="RequestOutcome.EngineFailed"/>; when cancelled, nothing more is told to anybody.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        string reason = "The engine has stopped.";
        try
        {
            await foreach (EngineOutput output in engine.Outputs.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                Deliver(output);
                output.Return();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            logger.EngineStreamFailed(Instance, e);
            reason = $"The engine has failed: {e.Message}";
        }

        EndAll(RequestOutcome.EngineFailed, reason);
    }

    /// <summary>Completes when no request is open, all chunks are answered and all ends are told.</summary>
    public Task WhenIdleAsync()
    {
        lock (_gate)
        {
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        Task idle = _idle.Task;
        SignalWhenIdle();
        return idle;
    }

    /// <summary>The requests that have a stream here.</summary>
    public IReadOnlyCollection<RequestId> OpenRequests()
    {
        lock (_gate)
        {
            return [.. _streams.Keys];
        }
    }

    /// <summary>Faults in the pump's bookkeeping; empty = sound.</summary>
    public IReadOnlyList<string> CheckIntegrity()
    {
        List<string> faults = [];
        lock (_gate)
        {
            foreach (GatewayLane lane in _lanes.Values.Concat(_streams.Values.Select(x => x.Lane)).Distinct())
            {
                int users = _streams.Values.Count(x => x.Lane == lane);
                if (users != lane.Streams)
                {
                    faults.Add($"token pump of {Instance}: a lane counts {lane.Streams} requests and has {users}");
                }
            }
        }

        return faults;
    }

    private void Deliver(EngineOutput output)
    {
        // EndAll may come from another thread than the reader's: both use the scratch lists.
        lock (_delivery)
        {
            lock (_gate)
            {
                foreach (TokenChunk chunk in output.Chunks)
                {
                    Route(chunk);
                }
            }

            foreach (GatewayLane lane in _touched)
            {
                lane.Flush(output.Step);
            }

            foreach (TokenChunk last in _ended)
            {
                _ = ReportAsync(last);
            }

            _touched.Clear();
            _ended.Clear();
        }

        SignalWhenIdle();
    }

    private void Route(TokenChunk chunk)
    {
        if (!_streams.TryGetValue(chunk.Request, out TokenStream? stream) || stream.Run != chunk.Run)
        {
            return;
        }

        stream.Next = Math.Max(stream.Next, chunk.FirstIndex + chunk.Tokens.Length);
        bool moves = chunk.Outcome is RequestOutcome.InstanceLost or RequestOutcome.EngineFailed;
        bool told = !moves;
        if (!moves || !chunk.Tokens.IsEmpty)
        {
            // The gateway must not take it for the end: the grain decides how the request goes on.
            told &= stream.Lane.Add(moves ? chunk with { Outcome = RequestOutcome.None, Error = null, Usage = null } : chunk);
            if (!_touched.Contains(stream.Lane))
            {
                _touched.Add(stream.Lane);
            }
        }

        if (chunk.Outcome != RequestOutcome.None)
        {
            Remove(chunk.Request);
            _traces.End(chunk);
            _reports++;
            if (!told)
            {
                _ended.Add(moves ? chunk : chunk with { Outcome = RequestOutcome.InstanceLost });
            }
        }
    }

    private bool Remove(RequestId request)
    {
        if (!_streams.Remove(request, out TokenStream? stream))
        {
            return false;
        }

        stream.Lane.Streams--;
        DropUnused(stream.Lane);
        return true;
    }

    private void DropUnused(GatewayLane lane)
    {
        if (lane.Streams == 0 && lane.IsIdle && _lanes.GetValueOrDefault(lane.Gateway) == lane)
        {
            _lanes.Remove(lane.Gateway);
        }
    }

    private void SignalWhenIdle()
    {
        TaskCompletionSource? idle = null;
        lock (_gate)
        {
            if (_idle is not null && _streams.Count == 0 && _reports == 0 && _lanes.Values.All(x => x.IsIdle))
            {
                idle = _idle;
                _idle = null;
            }
        }

        idle?.TrySetResult();
    }
}
