using XLLM.Cli.Hosting;
using XLLM.Contracts.Configuration;
using XLLM.Silo.Configuration;

namespace XLLM.Cli.Tests.Hosting;

public sealed class ClusterSettingsTests
{
    [Fact]
    public void Everything_wrong_with_a_cluster_is_said_at_once()
    {
        string message = Refusal(new()
        {
            ["Cluster:Clustering"] = "Postgres", ["Cluster:Role"] = "Gateway", ["Cluster:ClusterId"] = "a b",
            ["Cluster:ProbeTimeout"] = "00:00:00.001", ["Cluster:Secret"] = "short", ["Cluster:SiloPort"] = "70000",
            ["Silo:Engines:0:Model"] = "/m", ["Silo:Engines:0:Role"] = "both", ["Telemetry:OtlpEndpoint"] = "here",
            ["Telemetry:SampleRatio"] = "2", ["Telemetry:OtlpProtocol"] = "smoke",
        });

        foreach (string part in new[]
        {
            "ConnectionString is empty", "ClusterId is 'a b'", "ProbeTimeout", "at least 16", "Cluster:SiloPort", "a gateway has none",
            "Role is 'both'", "OtlpEndpoint is 'here'", "Telemetry:SampleRatio", "Telemetry:OtlpProtocol",
        })
        {
            Assert.Contains(part, message);
        }
    }

    [Fact]
    public void A_role_needs_a_cluster_and_an_engine_a_model()
    {
        Assert.Contains("a process alone must do all", Refusal(new() { ["Cluster:Role"] = "Gateway" }));
        Assert.Contains("give Silo:Engines:0:Model", Refusal(new()
        {
            ["Cluster:Role"] = "Engine", ["Cluster:Clustering"] = "File", ["Cluster:MembershipFile"] = "/tmp/m",
            ["Cluster:Secret"] = new string('s', 32),
        }));
    }

    [Fact]
    public void Processes_of_a_cluster_share_keys_and_clusters_do_not()
    {
        XllmClusterOptions one = new() { Secret = new string('s', 32), ClusterId = "one" };
        XllmClusterOptions two = new() { Secret = new string('s', 32), ClusterId = "two" };

        Assert.Equal(ClusterSecret.Of(one).BlockHashSeed(), ClusterSecret.Of(one).BlockHashSeed());
        Assert.NotEqual(ClusterSecret.Of(one).BlockHashSeed(), ClusterSecret.Of(two).BlockHashSeed());
        Assert.NotEqual(ClusterSecret.Of(one).KeyFor("a"), ClusterSecret.Of(one).KeyFor("b"));
        Assert.NotEqual(
            ClusterSecret.Of(new XllmClusterOptions()).BlockHashSeed(), ClusterSecret.Of(new XllmClusterOptions()).BlockHashSeed());
    }

    [Fact]
    public void A_secret_can_be_in_a_file()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, new string('s', 32) + "\n");
            XllmClusterOptions fromFile = new() { SecretFile = file };
            Assert.Equal(
                ClusterSecret.Of(new XllmClusterOptions { Secret = new string('s', 32) }).KeyFor("x"),
                ClusterSecret.Of(fromFile).KeyFor("x"));
            File.WriteAllText(file, "short");
            Assert.Throws<OptionsException>(() => ClusterSecret.Of(fromFile));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Probes_of_one_host_see_a_death_within_a_second()
    {
        XllmClusterOptions options = new();
        Assert.True(options.ProbeTimeout * options.MissedProbes <= TimeSpan.FromSeconds(1));
    }

    private static string Refusal(Dictionary<string, string?> flags) =>
        Assert.Throws<OptionsException>(() => Settings.Read(null, flags)).Message;
}
