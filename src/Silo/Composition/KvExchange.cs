using System.Net;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Ports;
using XLLM.Engine.Loop;
using XLLM.Engine.Tiers;
using XLLM.Engine.Transfer;
using XLLM.Engine.Transfer.Shared;
using XLLM.Engine.Transfer.Tcp;
using XLLM.Scheduling.Blocks;
using XLLM.Silo.Configuration;

namespace XLLM.Silo.Composition;

/// <summary>Puts KV transports before engines and tiers below their pools.</summary>
internal sealed class KvExchange(
    TimeProvider time, BlockHashKey hashKey, ILoggerFactory loggers, XllmClusterOptions? cluster = null,
    ClusterSecret? secret = null)
{
    /// <summary>Whether engines of this machine reach this one through memory.</summary>
    public bool SharesMemory(EngineOptions options) => TransferOf(options) is not null && options.Kv.Shared && options.PrefixCache;

    /// <summary>The engine with its transports and tiers, or as it is where it has neither.</summary>
    public IInferenceEngine Join(EngineLoop engine, EngineOptions options)
    {
        KvTransferOptions? transfer = TransferOf(options);
        KvTierOptions tiers = options.Kv.ToTiers();
        if (!options.PrefixCache || engine.Blocks is not { } blocks || (transfer is null && !tiers.IsOn))
        {
            return engine;
        }

        ILogger logger = loggers.CreateLogger<KvEngine>();
        KvIdentity self = new(engine.Descriptor.Id, engine.Descriptor.Epoch);
        return KvEngine.Start(
            engine,
            engine,
            blocks,
            transfer ?? new KvTransferOptions(),
            hashKey.Seed,
            host => transfer is null ? [] :
            [
                .. SharedKvTransport.TryStart(self, blocks, host, transfer, time, logger) is { } shared ? (IKvTransport[])[shared] : [],
                TcpKvTransport.Start(self, engine.Descriptor.TotalBlocks, blocks, host, transfer, time, logger),
            ],
            time,
            logger,
            tiers);
    }

    /// <summary>How KV is exchanged; null = there is nobody to exchange it with, or it shall not be.</summary>
    private KvTransferOptions? TransferOf(EngineOptions options)
    {
        if (cluster is null or { Clustering: ClusteringKind.None } || secret is null || !options.Kv.Transfer)
        {
            return null;
        }

        bool isAddress = IPAddress.TryParse(cluster.AdvertisedAddress, out _);
        return options.Kv.ToEngine(
            Convert.ToHexString(secret.KeyFor("kv transfers")),
            cluster.ListenOnAnyAddress || !isAddress ? "0.0.0.0" : cluster.AdvertisedAddress,
            cluster.AdvertisedAddress);
    }
}
