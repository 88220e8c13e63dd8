using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>
/// The transport of one silo over TCP: it listens on the silo's endpoint and has one connection to each silo it sends to. Between
/// two silos there are two, one each way. Neither encrypted nor authenticated: for networks where only silos can reach silos.
/// </summary>
internal sealed class SocketTransport(
    IOptions<ClusterOptions> cluster,
    IOptions<EndpointOptions> endpoints,
    IOptions<ConnectionOptions> connections,
    IOptions<SiloMessagingOptions> messaging,
    ILogger<SocketTransport> logger) : IMessageTransport, IDisposable
{
    private const int MaxIncoming = 4096;
    private static readonly TimeSpan LastFramesLimit = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<SiloAddress, OutgoingLink> _outgoing = new();
    private readonly ConcurrentDictionary<IncomingLink, byte> _incoming = new();
    private readonly ConcurrentDictionary<SiloAddress, byte> _dead = new();
    private readonly ConcurrentDictionary<SiloAddress, TaskCompletionSource> _farewells = new();
    private readonly Lock _gate = new();
    private SiloAddress _self = SiloAddress.Zero;
    private IFrameReceiver? _receiver;
    private Socket? _listener;
    private volatile bool _isClosed;
    private int _accepted;

    public bool LossIsDeath => false;

    public ConnectionOptions Connections => connections.Value;

    public IFrameReceiver Receiver => _receiver!;

    /// <summary>A message's largest body, and something for what is around an error that replaces a larger one.</summary>
    public int MaxFrameBytes { get; } = (int)Math.Min(Array.MaxLength - 1024L, messaging.Value.MaxMessageBodySize + (64L << 10));

    public void Attach(SiloAddress node, IFrameReceiver receiver)
    {
        _self = node;
        _receiver = receiver;
        var options = endpoints.Value;
        var endpoint = options.SiloListeningEndpoint ?? new IPEndPoint(options.AdvertisedIPAddress, options.SiloPort);
        _listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(endpoint);
            _listener.Listen();
        }
        catch (SocketException e)
        {
            _listener.Dispose();
            throw new SocketException(e.ErrorCode, $"The silo cannot listen on {endpoint}: {e.Message}");
        }

        Task.Run(AcceptAsync).Ignore();
    }

    public SendOutcome Send(SiloAddress target, ReadOnlyMemory<byte> frame, FrameClass frameClass)
    {
        if (frame.Length > MaxFrameBytes)
        {
            logger.LogError("A frame of {Length} bytes to {Silo} is larger than {Max}, and dropped", frame.Length, target, MaxFrameBytes);
            return SendOutcome.Taken;
        }

        return LinkTo(target)?.Send(frame, frameClass) ?? SendOutcome.Gone;
    }

    public async Task DrainAsync(SiloAddress node)
    {
        var peers = _outgoing.Keys.Concat(_incoming.Keys.Select(i => i.Peer!)).Where(p => !_dead.ContainsKey(p)).Distinct().ToArray();
        foreach (var peer in peers)
        {
            _farewells.TryAdd(peer, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            LinkTo(peer)?.SayGoodbye();
        }

        await Task.WhenAny(Task.WhenAll(_farewells.Values.Select(f => f.Task)), Task.Delay(FarewellLimit)).ConfigureAwait(false);
    }

    public Task FlushAsync(SiloAddress node) => Task.WhenAll(_outgoing.Values.Select(link => link.FlushAsync(FarewellLimit)));

    public void Detach(SiloAddress node)
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        _listener?.Dispose();
        foreach (var link in _outgoing.Values)
        {
            link.CloseAsync().Ignore();
        }

        foreach (var link in _incoming.Keys)
        {
            link.Close();
        }
    }

    public void Forget(SiloAddress dead)
    {
        if (!_dead.TryAdd(dead, 0))
        {
            return;
        }

        OnLastRequest(dead);
        OutgoingLink? link;
        lock (_gate)
        {
            _outgoing.TryRemove(dead, out link);
        }

        Task.Run(() => EndAsync(dead, link)).Ignore();
    }

    public void Dispose() => Detach(_self);

    public Greeting GreetingTo(SiloAddress peer) => new(cluster.Value.ClusterId, cluster.Value.ServiceId, _self, peer);

    /// <summary>What to say to a silo that connects.</summary>
    public (GreetingAnswer Answer, string Text) Judge(Greeting greeting)
    {
        var (clusterId, serviceId) = (cluster.Value.ClusterId, cluster.Value.ServiceId);
        if (greeting.ClusterId != clusterId || greeting.ServiceId != serviceId)
        {
            return (GreetingAnswer.WrongCluster,
                $"it is of cluster '{greeting.ClusterId}', service '{greeting.ServiceId}'; {_self} is of cluster '{clusterId}', "
                + $"service '{serviceId}'");
        }

        if (!greeting.To.Equals(_self))
        {
            return (GreetingAnswer.WrongSilo, $"it asked for {greeting.To}; here is {_self}");
        }

        return _dead.ContainsKey(greeting.From)
            ? (GreetingAnswer.YouAreDead, $"{greeting.From} has been declared dead")
            : (GreetingAnswer.Welcome, "");
    }

    public void Add(IncomingLink link)
    {
        _incoming[link] = 0;
        if (_isClosed)
        {
            link.Close();
        }
    }

    public void Remove(IncomingLink link)
    {
        _incoming.TryRemove(link, out _);
        Interlocked.Decrement(ref _accepted);
    }

    public void OnPeerLeaves(SiloAddress peer) => LinkTo(peer)?.OnPeerLeaves();

    public void OnLastRequest(SiloAddress peer)
    {
        if (_farewells.TryGetValue(peer, out var farewell))
        {
            farewell.TrySetResult();
        }
    }

    private async Task EndAsync(SiloAddress dead, OutgoingLink? link)
    {
        try
        {
            if (link is not null)
            {
                await link.CloseAsync().ConfigureAwait(false);
            }

            // A silo that left in order, or was killed, has closed its side: first what it still said.
            var incoming = _incoming.Keys.Where(i => dead.Equals(i.Peer)).ToArray();
            await Task.WhenAny(Task.WhenAll(incoming.Select(i => i.Ended)), Task.Delay(LastFramesLimit)).ConfigureAwait(false);
            foreach (var old in incoming)
            {
                old.Close();
            }
        }
        catch (Exception e)
        {
            logger.LogError(e, "Closing the connections to silo {Silo} failed", dead);
        }
        finally
        {
            Receiver.OnPeerLost(dead);
        }
    }

    private OutgoingLink? LinkTo(SiloAddress peer)
    {
        if (_outgoing.TryGetValue(peer, out var link))
        {
            return link;
        }

        lock (_gate)
        {
            if (_isClosed || peer.IsClient || _dead.ContainsKey(peer))
            {
                return null;
            }

            return _outgoing.TryGetValue(peer, out link) ? link : _outgoing[peer] = new OutgoingLink(this, peer, logger);
        }
    }

    private async Task AcceptAsync()
    {
        while (!_isClosed)
        {
            try
            {
                var socket = await _listener!.AcceptAsync().ConfigureAwait(false);
                if (Interlocked.Increment(ref _accepted) > MaxIncoming)
                {
                    Interlocked.Decrement(ref _accepted);
                    logger.LogError("A connection from {From} is refused: {Max} are open", socket.RemoteEndPoint, MaxIncoming);
                    socket.Dispose();
                    continue;
                }

                Task.Run(new IncomingLink(this, socket, logger).RunAsync).Ignore();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                if (!_isClosed)
                {
                    logger.LogWarning(e, "Accepting a connection failed");
                    await Task.Delay(Connections.ConnectionRetryDelay).ConfigureAwait(false);
                }
            }
        }
    }
}
