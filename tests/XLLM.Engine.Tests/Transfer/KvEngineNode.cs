using Microsoft.Extensions.Logging.Abstractions;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Engine.Loop;
using XLLM.Engine.Tests.Loop;
using XLLM.Engine.Tiers;
using XLLM.Engine.Transfer;
using XLLM.Engine.Transfer.Shared;
using XLLM.Engine.Transfer.Tcp;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Tests.Transfer;

/// <summary>An engine behind a TCP transport, with the reader of its output.</summary>
internal sealed class KvEngineNode : IAsyncDisposable
{
    public KvEngineNode(
        string silo, IModelRunner runner, KvTransferOptions? options = null, EngineLoopOptions? engine = null,
        KvTierOptions? tiers = null)
    {
        Harness = new EngineHarness(runner, engine, silo: silo);
        EngineLoop loop = Harness.Loop;
        options ??= KvNode.Options();
        Engine = KvEngine.Start(
            loop, loop, loop.Blocks!, options, BlockHasher.DefaultSeed,
            host =>
            {
                Transport = TcpKvTransport.Start(
                    new KvIdentity(loop.Descriptor.Id, loop.Descriptor.Epoch), loop.Descriptor.TotalBlocks, loop.Blocks!, host,
                    options, TimeProvider.System, NullLogger.Instance);
                Shared = SharedKvTransport.TryStart(
                    new KvIdentity(loop.Descriptor.Id, loop.Descriptor.Epoch), loop.Blocks!, host, options, TimeProvider.System,
                    NullLogger.Instance);
                return Shared is null ? [Transport] : [Shared, Transport];
            },
            TimeProvider.System,
            NullLogger.Instance,
            tiers);
    }

    public EngineHarness Harness { get; }

    public KvEngine Engine { get; }

    /// <summary>Null where the pool is not shared.</summary>
    public SharedKvTransport? Shared { get; private set; }

    public TcpKvTransport Transport { get; private set; } = null!;

    public async Task<KvLease> ReserveAsync(InferenceRequest request) =>
        (await Engine.ReserveAsync(request)).Lease ?? throw new InvalidOperationException("refused");

    /// <summary>Starts it with what it begins with, and gives its stream.</summary>
    public async Task<Generation> StartAsync(InferenceRequest request, KvLease lease, KvSource? source)
    {
        Generation generation = Harness.Of(request);
        Assert.True(await Engine.StartAsync(request with { KvFrom = source }, lease));
        return generation;
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        await Harness.DisposeAsync();
    }
}
