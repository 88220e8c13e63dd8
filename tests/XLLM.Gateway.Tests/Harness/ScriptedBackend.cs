using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Backend;
using XLLM.Gateway.Streaming;

namespace XLLM.Gateway.Tests.Harness;

/// <summary>The house as a script: tests say what happens to each submitted request, and see what the gateway asks of it.</summary>
internal sealed class ScriptedBackend(GatewayTokenHub hub) : IRequestBackend
{
    private readonly ConcurrentDictionary<RequestId, ScriptedRun> _runs = new();
    private readonly Channel<ScriptedRun> _submitted = Channel.CreateUnbounded<ScriptedRun>();
    private int _submits;

    /// <summary>What a submit does; the default answers "Hello, world!" and stops, or gives the embedding that is wanted.</summary>
    public Func<ScriptedRun, SubmitResult> OnSubmit { get; set; } = run =>
        run.Request.Pooling == PoolingKind.None ? run.Say("Hello, world!").Finish(RequestOutcome.CompletedStop) : run.Embed();

    public int Submits => Volatile.Read(ref _submits);

    public IEnumerable<ScriptedRun> Runs => _runs.Values;

    public Task<SubmitResult> SubmitAsync(InferenceRequest request)
    {
        Interlocked.Increment(ref _submits);
        var run = new ScriptedRun(request, hub);
        _runs[request.Id] = run;
        SubmitResult result = OnSubmit(run);
        _submitted.Writer.TryWrite(run);
        return Task.FromResult(result);
    }

    public Task EndAsync(RequestId request, RequestOutcome outcome)
    {
        _runs[request].OnEnd(outcome);
        return Task.CompletedTask;
    }

    public Task SetPausedAsync(RequestId request, bool paused)
    {
        _runs[request].OnPaused(paused);
        return Task.CompletedTask;
    }

    /// <summary>What the house says of where runs began.</summary>
    public Func<RequestId, ImmutableArray<RunStart>> OnStarts { get; set; } = _ => [];

    public Task<ImmutableArray<RunStart>> GetStartsAsync(RequestId request) => Task.FromResult(OnStarts(request));

    /// <summary>The next request that was submitted.</summary>
    public async Task<ScriptedRun> NextAsync() => await _submitted.Reader.ReadAsync().AsTask().WaitAsync(TestTime.Limit);
}
