using Microsoft.Extensions.Logging;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Models;
using XLLM.Gateway.Storage;

namespace XLLM.Gateway.Batches;

/// <summary>What all batches of this gateway work with.</summary>
internal sealed record BatchWork(
    GatewayStorage Storage,
    LineRunner Lines,
    OfflineGate Gate,
    ModelCatalog Models,
    GatewayOptions Options,
    BatchMetrics Metrics,
    ISeedSource Chance,
    TimeProvider Time,
    ILogger Logger);
