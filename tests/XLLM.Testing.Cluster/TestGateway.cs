using System.Collections.Concurrent;
using System.Collections.Immutable;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;

namespace XLLM.Testing.Cluster;

/// <summary>The gateway's part of a request without HTTP: submits through one silo and takes the chunks.</summary>
public sealed class TestGateway : ITokenStreamObserver
{
    private readonly IGrainFactory _grains;
    private readonly ConcurrentDictionary<RequestId, TestStream> _streams = new();
    private readonly ConcurrentQueue<TokenBatch> _batches = new();

    public TestGateway(IGrainFactory grains)
    {
        _grains = grains;
        Reference = grains.CreateObjectReference<ITokenStreamObserver>(this);
    }

    /// <summary>What the grains are given. The runtime holds the object weakly; the test holds this gateway.</summary>
    public ITokenStreamObserver Reference { get; }

    /// <summary>Messages in the order they came.</summary>
    public ImmutableArray<TokenBatch> Batches => [.. _batches];

    /// <summary>Waited for before each message is answered; may throw, as a gateway that is gone does.</summary>
    public Func<TokenBatch, Task> OnBatch { get; set; } = _ => Task.CompletedTask;

    /// <summary>Waited for before each hand-over is answered; may throw, as a gateway that is gone does.</summary>
    public Func<RequestId, Task> OnHandOver { get; set; } = _ => Task.CompletedTask;

    /// <summary>A stream for the request, from before it is submitted.</summary>
    public TestStream Open(InferenceRequest request) =>
        _streams.GetOrAdd(request.Id, _ => new TestStream(request, Grain(request.Id)));

    /// <summary>Submits and returns the stream with the answer in it.</summary>
    public async Task<TestStream> SubmitAsync(InferenceRequest request)
    {
        TestStream stream = Open(request);
        stream.Answer = await Grain(request.Id).SubmitAsync(request, Reference).Within($"the answer to {request.Id}");
        return stream;
    }

    public async Task<ImmutableArray<int>?> HandOverAsync(RequestId request, int run)
    {
        await OnHandOver(request);
        return _streams.TryGetValue(request, out TestStream? stream) ? stream.HandOver(run) : null;
    }

    public async Task OnTokensAsync(TokenBatch batch)
    {
        _batches.Enqueue(batch);
        await OnBatch(batch);
        foreach (TokenChunk chunk in batch.Chunks)
        {
            if (_streams.TryGetValue(chunk.Request, out TestStream? stream))
            {
                stream.Take(chunk);
            }
        }
    }

    private IRequestGrain Grain(RequestId request) => _grains.GetGrain<IRequestGrain>(request.Value);
}
