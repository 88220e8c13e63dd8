using System.Collections.Concurrent;

namespace XLLM.Gateway.Telemetry;

/// <summary>The gateway's numbers, by model. Any thread.</summary>
internal sealed class GatewayMetrics
{
    private readonly ConcurrentDictionary<string, ModelMetrics> _models = new(StringComparer.Ordinal);

    /// <summary>
    /// Numbers of a served model. Only names of served models may come here, and "" for requests that name none: labels made
    /// from what clients send would grow without end.
    /// </summary>
    public ModelMetrics Of(string model) => _models.GetOrAdd(model, _ => new ModelMetrics());

    /// <summary>All models, by name.</summary>
    public IReadOnlyList<KeyValuePair<string, ModelMetrics>> Snapshot() =>
        [.. _models.OrderBy(m => m.Key, StringComparer.Ordinal)];
}
