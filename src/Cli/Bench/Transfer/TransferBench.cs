using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Engine.Transfer;
using XLLM.Engine.Transfer.Tcp;
using XLLM.Scheduling.Blocks;

namespace XLLM.Cli.Bench.Transfer;

/// <summary>Two block stores of one process behind their TCP transports, on loopback.</summary>
internal sealed class TransferBench : IAsyncDisposable
{
    private readonly BenchBlockStore _from;
    private readonly BenchBlockStore _to;
    private readonly Side _sender;
    private readonly Side _receiver;
    private readonly KvChain _chain;
    private readonly KvChain _short;
    private readonly KvHold _held;

    public TransferBench(TransferBenchOptions options)
    {
        int blocks = checked((int)(options.Bytes / options.BlockBytes));
        KvLayout layout = new("bench", 16, options.BlockBytes, options.Layers, options.BlockBytes / options.Layers);
        _from = new BenchBlockStore(blocks, layout);
        _to = new BenchBlockStore(blocks, layout);
        _sender = new Side("sender", _from, options);
        _receiver = new Side("receiver", _to, options);
        int[] tokens = [.. Enumerable.Range(0, blocks * layout.BlockTokens)];
        _chain = new KvChain(new BlockHasher(layout.BlockTokens).HashPrompt(tokens), [.. tokens], "");
        _short = new KvChain(_chain.Hashes[..1], _chain.Tokens[..layout.BlockTokens], "");
        _held = _from.Compute(_chain);
    }

    /// <summary>Payload bytes of a push.</summary>
    public long Bytes => _from.Blocks * _from.Layout.BlockBytes;

    /// <summary>Time of a plain copy of the same bytes.</summary>
    public TimeSpan Floor() => SocketFloor.Copy(_from, _to);

    /// <summary>From the first block that is ready to the last that has joined the other cache.</summary>
    public async Task<TimeSpan> PushAsync()
    {
        _to.Clear();
        KvLease lease = _receiver.Expect(_chain);
        await using IKvPush push = await _sender.Transport.OpenPushAsync(_receiver.Endpoint, lease, _chain);
        long start = Stopwatch.GetTimestamp();
        push.Add(new KvProgress(0, _held.Blocks, 0, _from.Layout.Layers));
        Task<KvFault> ended = push.EndAsync(KvFault.None).AsTask();
        KvArrival arrival = await _receiver.ArrivedAsync(lease);
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        await ended;
        return arrival.Came == _from.Blocks
            ? taken
            : throw new InvalidOperationException($"{arrival.Came} of {_from.Blocks} blocks came: {arrival.Fault}.");
    }

    /// <summary>From asking for one block to having it.</summary>
    public async Task<TimeSpan> FetchAsync()
    {
        _to.Clear();
        long start = Stopwatch.GetTimestamp();
        KvArrival arrival = await _receiver.Transport.FetchAsync(_sender.Endpoint, _short);
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        return arrival.Came == 1 ? taken : throw new InvalidOperationException($"The block did not come: {arrival.Fault}.");
    }

    public async ValueTask DisposeAsync()
    {
        await _sender.Transport.DisposeAsync();
        await _receiver.Transport.DisposeAsync();
    }

    private sealed class Side : IKvHost
    {
        private readonly BenchBlockStore _store;
        private readonly ConcurrentDictionary<long, KvExpected> _expected = new();
        private readonly KvIdentity _self;
        private long _leases;

        public Side(string name, BenchBlockStore store, TransferBenchOptions options)
        {
            _store = store;
            _self = new KvIdentity(InstanceId.Of(name, "cpu0"), 1);
            KvTransferOptions transfer = new()
            {
                Secret = "a secret of the benchmark",
                ReceiveShare = 1,
                FrameBytes = options.FrameBytes,
                Silence = TimeSpan.FromSeconds(10),
                ConnectTimeout = TimeSpan.FromSeconds(10),
            };
            Transport = TcpKvTransport.Start(
                _self, store.Blocks, store, this, transfer, TimeProvider.System, NullLogger.Instance);
        }

        public TcpKvTransport Transport { get; }

        public KvEndpoint Endpoint => Transport.Advertise(new KvEndpoint
        {
            Instance = _self.Instance,
            Epoch = _self.Epoch,
            Host = "",
            Layout = _store.Layout.Fingerprint,
            BlockBytes = _store.Layout.BlockBytes,
        });

        public KvLease Expect(KvChain chain)
        {
            KvLease lease = new()
            {
                Id = ++_leases,
                Request = RequestId.New(),
                Instance = _self.Instance,
                Epoch = _self.Epoch,
                Expiry = DateTimeOffset.MaxValue,
            };
            InferenceRequest request = new() { Id = lease.Request, Model = "bench", PromptTokens = chain.Tokens };
            _expected[lease.Id] = new KvExpected(request, chain, lease.Expiry);
            return lease;
        }

        public Task<KvArrival> ArrivedAsync(KvLease lease) => _expected[lease.Id].Arrived;

        public KvExpected? BeginPush(long lease, RequestId request) =>
            _expected.TryGetValue(lease, out KvExpected? expected) && expected.TryBegin() ? expected : null;

        public ValueTask<KvHold> HoldAsync(KvChain chain, CancellationToken cancellationToken = default) =>
            _store.HoldAsync(chain, cancellationToken);
    }
}
