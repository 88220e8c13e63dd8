using XLLM.Cli.Cluster;
using XLLM.Cli.Cluster.State;
using XLLM.Silo.Configuration;

namespace XLLM.Cli.Tests.Cluster;

public sealed class LayoutTests
{
    [Fact]
    public void Engines_are_mixed_unless_a_split_is_given()
    {
        Assert.Equal(["mixed", "mixed", "mixed", "mixed"], EngineLayout.Of(4, null, null, auto: true).Roles);
        Assert.Equal(["prefill", "prefill", "decode"], EngineLayout.Of(null, 2, 1, auto: false).Roles);
        Assert.Equal(["prefill", "decode"], EngineLayout.Of(2, 1, 1, auto: false).Roles);
        Assert.Equal(2, EngineLayout.Of(null, null, null, auto: false).Roles.Count);
    }

    [Theory]
    [InlineData(0, null, null, false, "--engines is 0")]
    [InlineData(257, null, null, false, "--engines is 257")]
    [InlineData(3, 1, 1, false, "make 2")]
    [InlineData(null, 1, null, false, "go together")]
    [InlineData(null, 1, 1, true, "--auto")]
    public void Counts_that_cannot_be_are_refused(int? engines, int? prefill, int? decode, bool auto, string says) =>
        Assert.Contains(says, Assert.Throws<ArgumentException>(() => EngineLayout.Of(engines, prefill, decode, auto)).Message);

    [Fact]
    public void Scaling_keeps_what_runs_fills_gaps_and_ends_the_highest_numbers()
    {
        IReadOnlyList<NodeSpec> nodes = NodeNaming.First(
            new ClusterRequest { Layout = EngineLayout.Of(3, null, null, false), Gateways = 2, Port = 9000 });
        Assert.Equal(["gateway-1", "gateway-2", "engine-1", "engine-2", "engine-3"], nodes.Select(x => x.Name));
        Assert.Equal([9000, 9001], nodes.Where(x => x.Kind == NodeRole.Gateway).Select(x => x.HttpPort));

        IReadOnlyList<NodeSpec> fewer = NodeNaming.WithEngines(nodes, 2, "mixed");
        Assert.Equal(nodes.Take(4), fewer);

        NodeSpec[] gap = [.. fewer.Where(x => x.Name != "engine-1")];
        IReadOnlyList<NodeSpec> more = NodeNaming.WithEngines(gap, 3, "decode");
        Assert.Equal(["gateway-1", "gateway-2", "engine-1", "engine-2", "engine-3"], more.Select(x => x.Name));
        Assert.Equal("decode", more[2].Role);
        Assert.Equal(nodes[3], more[3]);
        Assert.Equal(10, more.SelectMany(x => new[] { x.HttpPort, x.SiloPort }).Distinct().Count());
    }

    [Fact]
    public void Memory_is_shared_out()
    {
        Assert.Equal(1L << 30, MemoryShare.KvBytes(4, 8L << 30));
        Assert.Equal(16L << 20, MemoryShare.KvBytes(256, 1L << 30));
    }
}
