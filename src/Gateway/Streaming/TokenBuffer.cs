using System.Collections.Immutable;
using System.Threading.Channels;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Streaming;

/// <summary>
/// Takes the chunks of one request between the hub and the reader of its session. Counts tokens: at the high-water mark the
/// request is paused, at the low-water mark it goes on; what is still under way then is bounded by the request's own token
/// limit. Keeps the ids of all tokens, so that the request can go on elsewhere when its instance is lost. Any thread.
/// </summary>
internal sealed class TokenBuffer(
    RequestId request, int choice, ChannelWriter<SessionSignal> session, PauseControl pause, int highWater, int lowWater)
{
    private const int FirstRoom = 64;

    private readonly Lock _lock = new();
    private int[] _ids = [];
    private int _count;
    private int _run;
    private bool _ended;
    private int _pending;

    public RequestId Request => request;

    /// <summary>Tokens pushed and not taken yet.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Called by the hub. True when the chunk had the request's first token.</summary>
    public bool Push(TokenChunk chunk)
    {
        // The reader may go on right here and work under the lock. Its own request alone waits for that; in exchange chunks of
        // two runs, which come from two instances at once, reach it in the order they are counted in.
        lock (_lock)
        {
            if (chunk.Run < _run || _ended)
            {
                return false;
            }

            bool isFirst = _count == 0;

            _run = chunk.Run;
            _ended = chunk.Outcome != RequestOutcome.None;
            Keep(chunk);
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
            return isFirst && _count > 0;
        }
    }

    /// <summary>Called by the reader when it has taken a chunk.</summary>
    public void Taken(TokenChunk chunk)
    {
        if (Interlocked.Add(ref _pending, -chunk.Tokens.Length) <= lowWater)
        {
            pause.Want(false);
        }
    }

    /// <summary>
    /// The request goes on as this run: chunks of older ones are dropped from now on. The ids of the tokens that came; null
    /// when the last chunk came, or a newer run is under way.
    /// </summary>
    public ImmutableArray<int>? HandOver(int run)
    {
        lock (_lock)
        {
            if (_ended || run < _run)
            {
                return null;
            }

            _run = run;
            return [.. _ids.AsSpan(0, _count)];
        }
    }

    // Tokens that came before are skipped. A gap is the reader's to judge: it ends the request.
    private void Keep(TokenChunk chunk)
    {
        ReadOnlySpan<GeneratedToken> tokens = chunk.Tokens.AsSpan();
        int known = _count - chunk.FirstIndex;
        if (known < 0 || known >= tokens.Length)
        {
            return;
        }

        tokens = tokens[known..];
        if (_ids.Length - _count < tokens.Length)
        {
            Array.Resize(ref _ids, Math.Max(FirstRoom, Math.Max(2 * _ids.Length, _count + tokens.Length)));
        }

        foreach (GeneratedToken token in tokens)
        {
            _ids[_count++] = token.Id;
        }
    }
}
