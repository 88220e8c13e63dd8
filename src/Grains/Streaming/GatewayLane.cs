using System.Collections.Immutable;
using XLLM.Contracts.Grains;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;

namespace XLLM.Grains.Streaming;

/// <summary>
/// The way from one engine to one gateway. At most one message is unanswered; chunks that come meanwhile share the next one, so
/// order holds, a slow gateway gets fewer and larger messages, and a dead one is noticed.
/// </summary>
/// <param name="instance">Sender named in the messages.</param>
/// <param name="gateway">Receiver.</param>
/// <param name="delivered">Called, from any thread, with the chunks of each message that the gateway has taken.</param>
/// <param name="settled">
/// Called, from any thread, when the lane fell idle (null), or its gateway is gone (why) with the chunks it never took.
/// </param>
internal sealed class GatewayLane(
    InstanceId instance,
    ITokenStreamObserver gateway,
    Action<ImmutableArray<TokenChunk>> delivered,
    Action<GatewayLane, Exception?, ImmutableArray<TokenChunk>> settled)
{
    /// <summary>A gateway with this many chunks unread is taken for gone: it should have paused them long before.</summary>
    internal const int MaxPending = 65_536;

    private readonly Lock _gate = new();
    private readonly ImmutableArray<TokenChunk>.Builder _pending = ImmutableArray.CreateBuilder<TokenChunk>();
    private long _step;
    private bool _sending;
    private bool _gone;
    private ImmutableArray<TokenChunk> _underWay = [];

    public ITokenStreamObserver Gateway => gateway;

    /// <summary>Requests that use the lane; guarded by the pump.</summary>
    public int Streams { get; set; }

    /// <summary>The gateway is gone; chunks are dropped.</summary>
    public bool IsGone => Volatile.Read(ref _gone);

    /// <summary>Nothing is waiting or under way.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return !_sending && _pending.Count == 0;
            }
        }
    }

    /// <summary>Adds a chunk to the next message. False: the gateway is gone, and nobody is told of the chunk.</summary>
    public bool Add(TokenChunk chunk)
    {
        lock (_gate)
        {
            if (!_gone)
            {
                _pending.Add(chunk);
            }

            return !_gone;
        }
    }

    /// <summary>Sends what was added, now or when the message under way is answered. Never waits.</summary>
    public void Flush(long step)
    {
        bool overrun;
        lock (_gate)
        {
            _step = step;
            overrun = _sending && _pending.Count > MaxPending && !_gone;
            if (!overrun && (_sending || _gone || _pending.Count == 0))
            {
                return;
            }

            _sending = true;
        }

        if (overrun)
        {
            Abandon(new TimeoutException($"The gateway has {MaxPending} chunks unread."));
            return;
        }

        _ = SendAsync();
    }

    private async Task SendAsync()
    {
        while (TryTake(out TokenBatch? batch))
        {
            try
            {
                await gateway.OnTokensAsync(batch).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                Abandon(e);
                return;
            }

            lock (_gate)
            {
                // An overrun gave the message up while it was under way; its chunks are told as lost by then.
                if (_gone)
                {
                    return;
                }

                _underWay = [];
            }

            delivered(batch.Chunks);
        }

        settled(this, null, []);
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TokenBatch? batch)
    {
        lock (_gate)
        {
            if (_pending.Count == 0 || _gone)
            {
                _sending = false;
                batch = null;
                return false;
            }

            _underWay = _pending.DrainToImmutable();
            batch = new TokenBatch { Instance = instance, Step = _step, Chunks = _underWay };
            return true;
        }
    }

    private void Abandon(Exception reason)
    {
        ImmutableArray<TokenChunk> lost;
        lock (_gate)
        {
            if (_gone)
            {
                return;
            }

            _gone = true;
            _sending = false;
            lost = [.. _underWay, .. _pending];
            _underWay = [];
            _pending.Clear();
        }

        settled(this, reason, lost);
    }
}
