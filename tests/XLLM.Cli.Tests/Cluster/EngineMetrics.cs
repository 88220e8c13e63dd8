using System.Globalization;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Tests.Cluster;

/// <summary>What an engine process says at <c>/metrics</c>, at one moment.</summary>
internal sealed class EngineMetrics
{
    private readonly IReadOnlyList<(string Name, string Labels, double Value)> _samples;

    private EngineMetrics(IReadOnlyList<(string, string, double)> samples)
    {
        _samples = samples;
    }

    public static async Task<EngineMetrics> ReadAsync(CliCluster cluster, string node)
    {
        ClusterSpec spec = cluster.State.ReadSpec()!;
        string text = await cluster.GetAsync(spec.UrlOf(spec.Nodes.First(x => x.Name == node)) + "/metrics");
        return new EngineMetrics([.. from line in text.Split('\n')
            where line.StartsWith("xllm:", StringComparison.Ordinal)
            let space = line.LastIndexOf(' ')
            let labels = line.IndexOf('{', StringComparison.Ordinal)
            let end = labels < 0 ? space : labels
            select (line["xllm:".Length..end], line[end..space], double.Parse(line[(space + 1)..], CultureInfo.InvariantCulture))]);
    }

    /// <summary>Over all label values that contain <paramref name="labelled"/>; 0 when nothing was counted yet.</summary>
    public double Sum(string metric, string labelled = "") => _samples
        .Where(x => x.Name == metric && x.Labels.Contains(labelled, StringComparison.Ordinal)).Sum(x => x.Value);
}
