using System.Text.RegularExpressions;
using XLLM.Cli.Commands;
using XLLM.Cli.Hosting;
using XLLM.Silo.Configuration;
using XLLM.Testing;

namespace XLLM.Cli.Tests.Deploy;

/// <summary>No container engine runs in CI: what can be checked without one is checked here.</summary>
public sealed partial class ComposeTests
{
    [Fact]
    public void Every_file_that_a_service_names_exists()
    {
        List<string> missing = [];
        foreach ((object name, object value) in ComposeFiles.Services)
        {
            Dictionary<object, object> service = ComposeFiles.Map(value);
            foreach (string volume in service.TryGetValue("volumes", out object? volumes) ? ComposeFiles.List(volumes) : [])
            {
                string source = ComposeFiles.Substitute(volume, new Dictionary<string, string>()).Split(':')[0];
                bool named = ComposeFiles.Map(ComposeFiles.Compose["volumes"]).ContainsKey(source);
                if (!named && !Path.Exists(Path.Combine(ComposeFiles.Folder, source)))
                {
                    missing.Add($"{name}: {source}");
                }
            }

            if (service.TryGetValue("build", out object? build))
            {
                string context = Path.Combine(ComposeFiles.Folder, (string)ComposeFiles.Map(build)["context"]);
                Assert.True(File.Exists(Path.Combine(context, (string)ComposeFiles.Map(build)["dockerfile"])));
            }

            foreach (string other in service.TryGetValue("depends_on", out object? needs) ? ComposeFiles.Map(needs).Keys.Cast<string>() : [])
            {
                Assert.Contains(other, ComposeFiles.Services.Keys);
            }
        }

        Assert.Empty(missing);
    }

    [Fact]
    public void Every_variable_is_in_the_example()
    {
        string text = File.ReadAllText(Path.Combine(ComposeFiles.Folder, "docker-compose.yml"));
        Assert.Empty(ComposeFiles.VariablesOf(text).Distinct().Except(ComposeFiles.Example.Keys));
        Assert.Empty(ComposeFiles.Example.Keys.Except(ComposeFiles.VariablesOf(text)));
    }

    [Theory]
    [InlineData("gateway-1", NodeRole.Gateway, 8000)]
    [InlineData("engine-1", NodeRole.Engine, 9464)]
    [InlineData("engine-2", NodeRole.Engine, 9464)]
    public void A_nodes_command_and_environment_are_settings_we_take(string name, NodeRole role, int port)
    {
        Dictionary<object, object> service = ComposeFiles.Map(ComposeFiles.Services[name]);
        string[] command = [.. ComposeFiles.List(service["command"])];
        Assert.Equal(["node", "--config"], command[..2]);
        Assert.Empty(NodeCommand.Create().Parse(command[1..]).Errors);

        string config = Path.Combine(ComposeFiles.Folder, "config", Path.GetFileName(command[2]));
        Settings settings = Settings.Read(config, [.. Environment(service), .. SettingOption.Parse(command[3..].Where(x => x != "--set"))]);

        Assert.Equal((role, name, name), (settings.Cluster.Role, settings.Silo.Name, settings.Cluster.AdvertisedAddress));
        Assert.Equal(ClusteringKind.Postgres, settings.Cluster.Clustering);
        Assert.True(settings.Cluster.ListenOnAnyAddress);
        Assert.Equal(port, role == NodeRole.Gateway ? settings.Server.Port : settings.Telemetry.MetricsPort);
        string health = string.Join(' ', ComposeFiles.List(ComposeFiles.Map(service["healthcheck"])["test"]));
        Assert.Contains($" health http://127.0.0.1:{port}/health/", health);
    }

    [Fact]
    public void Prometheus_scrapes_every_node_where_it_listens()
    {
        Dictionary<object, object> file = ComposeFiles.Map(ComposeFiles.Yaml("prometheus/prometheus.yml"));
        string[] targets =
        [
            .. Assert.IsType<List<object>>(file["scrape_configs"]).Select(ComposeFiles.Map)
                .SelectMany(x => Assert.IsType<List<object>>(x["static_configs"])).Select(ComposeFiles.Map)
                .SelectMany(x => ComposeFiles.List(x["targets"])),
        ];
        Assert.Equal(["engine-1:9464", "engine-2:9464", "gateway-1:8000"], targets.Order());
        ComposeFiles.Yaml("grafana/provisioning/datasources/prometheus.yml");
        ComposeFiles.Yaml("grafana/provisioning/dashboards/xllm.yml");
    }

    [Fact]
    public void The_image_copies_what_there_is_and_does_not_run_as_root()
    {
        string[] lines = File.ReadAllLines(Path.Combine(ComposeFiles.Folder, "Dockerfile"));
        foreach (string line in lines.Where(x => x.StartsWith("COPY ", StringComparison.Ordinal) && !x.Contains("--from")))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.All(words[1..^1], x => Assert.True(Path.Exists(Path.Combine(SharedData.Repository, x)), x));
        }

        Assert.Contains("USER app", lines);
        Assert.Contains(lines, x => x.Contains("-p:ActorRuntime=Orleans", StringComparison.Ordinal));
        // What the CLI's project file reads beside src must be in the build stage.
        string project = File.ReadAllText(Path.Combine(SharedData.Repository, "src", "Cli", "XLLM.Cli.csproj"));
        foreach (Match match in Outside().Matches(project))
        {
            string folder = string.Join('/', match.Groups[1].Value.Split('/')[..2]);
            Assert.Contains(lines, x => x.StartsWith($"COPY {folder} ", StringComparison.Ordinal));
        }
    }

    private static Dictionary<string, string?> Environment(Dictionary<object, object> service)
    {
        Dictionary<string, string> values = new(ComposeFiles.Example)
        {
            ["POSTGRES_PASSWORD"] = "p", ["XLLM_CLUSTER_SECRET"] = new string('s', 64), ["GRAFANA_PASSWORD"] = "g",
        };
        return ComposeFiles.Map(service["environment"]).ToDictionary(
            x => ((string)x.Key)["XLLM__".Length..].Replace("__", ":"),
            x => (string?)ComposeFiles.Substitute((string)x.Value, values));
    }

    [GeneratedRegex("Include=\"\\.\\./\\.\\./([a-z/]+)")]
    private static partial Regex Outside();
}
