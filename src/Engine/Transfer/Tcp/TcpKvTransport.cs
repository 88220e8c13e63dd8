using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Kv;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// KV over TCP, beside the actor runtime: a listener, and one connection to each peer. What goes over the wire is described in
/// docs/mechanisms/kv-transfer.md.
/// </summary>
public sealed class TcpKvTransport : IKvTransport
{
    private readonly IKvBlockStore _store;
    private readonly KvTransferOptions _options;
    private readonly TimeProvider _time;
    private readonly KvRoom _room;
    private readonly KvPeers _peers;
    private readonly KvInbound _inbound;
    private readonly KvListener _listener;
    private readonly KvIdentity _self;

    private TcpKvTransport(
        KvIdentity self, int poolBlocks, IKvBlockStore store, IKvHost host, KvTransferOptions options, TimeProvider time,
        ILogger logger)
    {
        _self = self;
        _store = store;
        _options = options;
        _time = time;
        KvLayout layout = store.Layout;
        Metrics = new KvTransferMetrics(self.Instance);
        _room = new KvRoom((int)Math.Ceiling(poolBlocks * options.ReceiveShare));

        // A frame has at least one layer, whatever its size.
        long window = Math.Max(options.WindowBytes, 4 * Math.Max(options.FrameBytes, layout.LayerBytes));
        KvHandshake handshake = new(self, layout, new KvSecret(options.Secret), window);
        KvFrameLimits limits = new(false, KvInbound.ControlBytes(layout), checked((int)Math.Min(layout.BlockBytes, window)));
        _inbound = new KvInbound(store, host, _room, options, Metrics, time, logger);
        _peers = new KvPeers(handshake, limits, options, Metrics, time, logger);
        _listener = new KvListener(handshake, limits, options, Metrics, time, logger, _inbound);
    }

    public KvCapabilities Capability => KvCapabilities.Tcp;

    public KvTransferMetrics Metrics { get; }

    /// <summary>Port it listens at.</summary>
    public int Port => _listener.Port;

    /// <summary>Name or address others reach it at.</summary>
    public string Host => _options.Advertise.Length > 0 ? _options.Advertise : _options.Listen;

    /// <summary>
    /// Listens. Throws <see cref="ArgumentException"/> with all that is wrong with the options, and
    /// <see cref="System.Net.Sockets.SocketException"/> when the port is taken.
    /// </summary>
    /// <param name="poolBlocks">Blocks of the engine's pool.</param>
    public static TcpKvTransport Start(
        KvIdentity self, int poolBlocks, IKvBlockStore store, IKvHost host, KvTransferOptions options, TimeProvider time,
        ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        IReadOnlyList<string> errors = options.Validate();
        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, errors), nameof(options));
        }

        TcpKvTransport transport = new(self, poolBlocks, store, host, options, time, logger);
        transport._listener.Start();
        logger.Listening(
            self.ToString(), transport.Host, transport.Port, store.Layout.BlockBytes, store.Layout.Fingerprint);
        return transport;
    }

    public KvEndpoint Advertise(KvEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return endpoint with { Host = Host, Port = Port, Capabilities = endpoint.Capabilities | KvCapabilities.Tcp };
    }

    public bool CanReach(KvEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return endpoint.Capabilities.HasFlag(KvCapabilities.Tcp) && endpoint.Port is > 0 and <= 65535 && endpoint.Host.Length > 0
            && endpoint.Layout == _store.Layout.Fingerprint && endpoint.BlockBytes == _store.Layout.BlockBytes && endpoint.Instance != _self.Instance;
    }

    public async ValueTask<IKvPush> OpenPushAsync(
        KvEndpoint endpoint, KvLease lease, KvChain chain, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(lease);
        chain = Bounded(chain);
        KvSending sending = new(NewId(), chain.Hashes.Length, _store, _options, _time);
        KvPush push = new(_peers, endpoint, lease, chain, sending, _options, Metrics, _time);
        try
        {
            await push.OpenAsync(cancellationToken).ConfigureAwait(false);
            return push;
        }
        catch
        {
            await push.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask<KvArrival> FetchAsync(
        KvEndpoint endpoint, KvChain chain, CancellationToken cancellationToken = default)
    {
        chain = Bounded(chain);
        KvHold held = await _store.HoldAsync(chain, cancellationToken).ConfigureAwait(false);
        if (held.Blocks.Length == chain.Hashes.Length)
        {
            return new KvArrival(held, 0, KvFault.None);
        }

        long began = _time.GetTimestamp();
        Metrics.Began();
        KvFetch fetch = new(NewId(), endpoint, chain, _store, _room, _peers, _options, Metrics, _time);
        KvArrival arrival = await fetch.RunAsync(held, cancellationToken).ConfigureAwait(false);
        Metrics.Over("fetch", "receive", arrival.Fault, _time.GetElapsedTime(began));
        return arrival;
    }

    public async ValueTask DisposeAsync()
    {
        await _peers.DisposeAsync().ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _inbound.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>As much of a chain as a frame holds.</summary>
    private KvChain Bounded(KvChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentOutOfRangeException.ThrowIfZero(chain.Hashes.Length);
        int blocks = Math.Min(chain.Hashes.Length, KvInbound.MostBlocks);
        int tokens = blocks * _store.Layout.BlockTokens;
        ImmutableArray<int> kept = chain.Tokens.Length == tokens ? chain.Tokens : chain.Tokens[..tokens];
        return new KvChain(chain.Hashes[..blocks], kept, chain.Salt);
    }

    private static ulong NewId()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);

        // 0 stands for the connection itself.
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes) | 1;
    }
}
