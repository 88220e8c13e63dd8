using System.Text.Json;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Cluster;

public sealed class ClusterEndpointTests
{
    [Fact]
    public async Task The_page_shows_instances_with_their_pools_and_what_the_router_did()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();

        using JsonDocument page = JsonDocument.Parse(await host.Client.GetStringAsync("/cluster"));

        JsonElement instance = page.RootElement.GetProperty("instances")[0];
        Assert.Equal("silo/cpu0", instance.GetProperty("id").GetString());
        Assert.Equal("Decode", instance.GetProperty("pool").GetString());
        JsonElement routing = page.RootElement.GetProperty("routing");
        Assert.Equal("toy", routing.GetProperty("policy").GetString());
        Assert.Equal(2, routing.GetProperty("in_flight").GetInt32());
        Assert.Equal(1, routing.GetProperty("pool_moves").GetArrayLength());
    }

    [Fact]
    public async Task Without_its_router_the_page_still_shows_the_instances()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Routing = null;

        using JsonDocument page = JsonDocument.Parse(await host.Client.GetStringAsync("/cluster"));

        Assert.Equal("not reachable", page.RootElement.GetProperty("routing").GetProperty("policy").GetString());
        Assert.False(page.RootElement.GetProperty("instances")[0].TryGetProperty("pool", out _));
    }

    [Fact]
    public async Task The_audit_lists_what_each_instance_found()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Faults = ["silo/cpu0: block 3 is held by nobody"];

        using JsonDocument page = JsonDocument.Parse(await host.Client.GetStringAsync("/cluster/integrity"));

        Assert.Equal(1, page.RootElement.GetProperty("instances").GetInt32());
        Assert.Equal("silo/cpu0: block 3 is held by nobody", page.RootElement.GetProperty("faults")[0].GetString());
    }
}
