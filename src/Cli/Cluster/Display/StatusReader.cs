using System.Text.Json;
using System.Text.Json.Nodes;
using XLLM.Cli.Cluster.Processes;
using XLLM.Cli.Cluster.State;

namespace XLLM.Cli.Cluster.Display;

/// <summary>Reads the state folder and asks the gateways in turn.</summary>
internal sealed class StatusReader(StateFolder folder) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(2) };

    public async Task<ClusterStatus> ReadAsync(CancellationToken cancellationToken)
    {
        ClusterSpec? spec = folder.ReadSpec();
        ClusterState state = folder.ReadState();
        bool runs = ProcessTable.IsAlive(state.Supervisor);
        JsonObject? fleet = spec is { Down: false } && runs ? await FleetAsync(spec, cancellationToken) : null;
        return new ClusterStatus(spec, state, runs, fleet);
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonObject?> FleetAsync(ClusterSpec spec, CancellationToken cancellationToken)
    {
        foreach (string url in spec.Urls)
        {
            try
            {
                string text = await _http.GetStringAsync(new Uri(url + "/cluster"), cancellationToken);
                return JsonNode.Parse(text) as JsonObject;
            }
            catch (Exception e) when (e is HttpRequestException or JsonException
                || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // The next gateway is asked.
            }
        }

        return null;
    }
}
