using System.Threading.Channels;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Streaming;

/// <summary>
/// Counts the tokens of one request between the hub and the reader of its session. At the high-water mark the request is
/// paused, at the low-water mark it goes on; what is still under way then is bounded by the request's own token limit.
/// </summary>
internal sealed class TokenBuffer(
    RequestId request, int choice, ChannelWriter<SessionSignal> session, PauseControl pause, int highWater, int lowWater)
{
    private int _pending;

    public RequestId Request => request;

    /// <summary>Tokens pushed and not taken yet.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Called by the hub.</summary>
    public void Push(TokenChunk chunk)
    {
        if (Interlocked.Add(ref _pending, chunk.Tokens.Length) >= highWater)
        {
            pause.Want(true);
            // The reader may have taken everything in between; nobody would resume the request then.
            if (Pending <= lowWater)
            {
                pause.Want(false);
            }
        }

        session.TryWrite(new SessionSignal(choice, chunk, SignalKind.Chunk));
    }

    /// <summary>Called by the reader when it has taken a chunk.</summary>
    public void Taken(TokenChunk chunk)
    {
        if (Interlocked.Add(ref _pending, -chunk.Tokens.Length) <= lowWater)
        {
            pause.Want(false);
        }
    }
}
