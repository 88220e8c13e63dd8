using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Engine.Transfer;
using XLLM.Engine.Transfer.Tcp;

namespace XLLM.Engine.Tests.Transfer;

/// <summary>A block store behind a transport, without an engine.</summary>
internal sealed class KvNode : IKvHost, IAsyncDisposable
{
    public const string Secret = "a secret of the tests";

    private readonly ConcurrentDictionary<long, KvExpected> _expected = new();
    private long _lastLease;

    public KvNode(
        string name, long epoch = 1, int blocks = 128, KvLayout? layout = null, KvTransferOptions? options = null,
        ILogger? logger = null)
    {
        Store = new MemoryStore(blocks, layout);
        Self = new KvIdentity(InstanceId.Of(name, "cpu0"), epoch);
        Transport = TcpKvTransport.Start(
            Self, blocks, Store, this, options ?? Options(), TimeProvider.System, logger ?? NullLogger.Instance);
    }

    public MemoryStore Store { get; }

    public KvIdentity Self { get; }

    public TcpKvTransport Transport { get; }

    public KvEndpoint Endpoint => Transport.Advertise(new KvEndpoint
    {
        Instance = Self.Instance,
        Epoch = Self.Epoch,
        Host = "",
        Layout = Store.Layout.Fingerprint,
        BlockBytes = Store.Layout.BlockBytes,
    });

    /// <summary>Patient enough for a machine that is busy with other things.</summary>
    public static KvTransferOptions Options() => new()
    {
        Secret = Secret, Silence = TimeSpan.FromSeconds(20), ConnectTimeout = TimeSpan.FromSeconds(20), FrameBytes = 8192,
    };

    public static KvTransferOptions Impatient(int milliseconds = 200) => new()
    {
        Secret = Secret, Silence = TimeSpan.FromMilliseconds(milliseconds), ConnectTimeout = TimeSpan.FromSeconds(20), FrameBytes = 8192,
    };

    /// <summary>Promises room for a chain.</summary>
    public (KvLease Lease, KvExpected Expected) Expect(KvChain chain, DateTimeOffset? expiry = null)
    {
        KvLease lease = new()
        {
            Id = ++_lastLease,
            Request = RequestId.New(),
            Instance = Self.Instance,
            Epoch = Self.Epoch,
            Blocks = chain.Hashes.Length,
            Expiry = expiry ?? DateTimeOffset.UtcNow.AddMinutes(5),
            Endpoint = Endpoint,
        };
        InferenceRequest request = new() { Id = lease.Request, Model = "test", PromptTokens = chain.Tokens };
        KvExpected expected = new(request, chain, lease.Expiry);
        _expected[lease.Id] = expected;
        return (lease, expected);
    }

    public KvExpected? BeginPush(long lease, RequestId request) =>
        _expected.TryGetValue(lease, out KvExpected? expected) && expected.Request.Id == request && expected.TryBegin()
            ? expected
            : null;

    public ValueTask<KvHold> HoldAsync(KvChain chain, CancellationToken cancellationToken = default) =>
        Store.HoldAsync(chain, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Transport.DisposeAsync();
        foreach (KvExpected expected in _expected.Values)
        {
            expected.Cancel();
            Store.Release((await expected.Arrived).Held);
        }

        Store.AssertSound();
        Store.Dispose();
    }
}
