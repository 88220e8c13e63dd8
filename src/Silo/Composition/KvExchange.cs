using System.Net;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Ports;
using XLLM.Engine.Loop;
using XLLM.Engine.Transfer;
using XLLM.Engine.Transfer.Shared;
using XLLM.Engine.Transfer.Tcp;
using XLLM.Scheduling.Blocks;
using XLLM.Silo.Configuration;

namespace XLLM.Silo.Composition;

/// <summary>Puts KV transports before the engines of a process that is part of a cluster.</summary>
internal sealed class KvExchange(
    TimeProvider time, BlockHashKey hashKey, ILoggerFactory loggers, XllmClusterOptions? cluster = null,
    ClusterSecret? secret = null)
{
    /// <summary>Engines of this process exchange KV with others, and those of this machine through each other's memory.</summary>
    public bool SharesMemory(EngineOptions options) =>
        cluster is { Clustering: not ClusteringKind.None } && secret is not null && options.Kv is { Transfer: true, Shared: true }
        && options.PrefixCache;

    /// <summary>The engine behind its transports, or as it is where it has nobody to exchange KV with.</summary>
    public IInferenceEngine Join(EngineLoop engine, EngineOptions options)
    {
        if (cluster is null or { Clustering: ClusteringKind.None } || secret is null || !options.Kv.Transfer || !options.PrefixCache
            || engine.Blocks is not { } blocks)
        {
            return engine;
        }

        bool isAddress = IPAddress.TryParse(cluster.AdvertisedAddress, out _);
        KvTransferOptions transfer = options.Kv.ToEngine(
            Convert.ToHexString(secret.KeyFor("kv transfers")),
            cluster.ListenOnAnyAddress || !isAddress ? "0.0.0.0" : cluster.AdvertisedAddress,
            cluster.AdvertisedAddress);
        ILogger logger = loggers.CreateLogger<KvEngine>();
        KvIdentity self = new(engine.Descriptor.Id, engine.Descriptor.Epoch);
        return KvEngine.Start(
            engine,
            engine,
            blocks,
            transfer,
            hashKey.Seed,
            host =>
            [
                .. SharedKvTransport.TryStart(self, blocks, host, transfer, time, logger) is { } shared ? (IKvTransport[])[shared] : [],
                TcpKvTransport.Start(self, engine.Descriptor.TotalBlocks, blocks, host, transfer, time, logger),
            ],
            time,
            logger);
    }
}
