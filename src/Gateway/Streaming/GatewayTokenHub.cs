using System.Collections.Concurrent;
using System.Collections.Immutable;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Ports;
using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Streaming;

/// <summary>
/// The gateway's ear: one object for all its requests, called with one message per engine step. Hands each chunk to the
/// buffer of its request; never waits and never throws.
/// </summary>
/// <param name="progress">Told of first tokens; null = nobody wants to know.</param>
internal sealed class GatewayTokenHub(IRequestProgress? progress = null) : ITokenStreamObserver
{
    private readonly ConcurrentDictionary<RequestId, TokenBuffer> _buffers = new();

    /// <summary>Requests that are listened for.</summary>
    public int Count => _buffers.Count;

    /// <summary>Listens for a request; call before it is submitted.</summary>
    public void Register(TokenBuffer buffer) => _buffers[buffer.Request] = buffer;

    /// <summary>Stops listening; chunks that still come are dropped.</summary>
    public void Unregister(RequestId request) => _buffers.TryRemove(request, out _);

    public Task OnTokensAsync(TokenBatch batch)
    {
        foreach (TokenChunk chunk in batch.Chunks)
        {
            if (_buffers.TryGetValue(chunk.Request, out TokenBuffer? buffer))
            {
                if (buffer.Push(chunk))
                {
                    progress?.OnFirstToken(chunk.Request);
                }
            }
        }

        return Task.CompletedTask;
    }

    public Task<ImmutableArray<int>?> HandOverAsync(RequestId request, int run) =>
        Task.FromResult(_buffers.TryGetValue(request, out TokenBuffer? buffer) ? buffer.HandOver(run) : null);
}
