using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using XLLM.Compat.Tests.Speed;

namespace XLLM.Compat.Tests.Sockets;

/// <summary>How silos of one table learn of each other's end.</summary>
public sealed class EvictionTests
{
    [Fact]
    public async Task A_silo_that_reads_itself_dead_leaves_and_would_end_its_process()
    {
        var table = new OneTable();
        await using var one = await SocketSilo.StartAsync(table);
        await using var two = await SocketSilo.StartAsync(table);

        Assert.True(await one.Membership.TryKill(two.Address));

        Assert.Contains("dead", await two.FatalErrors.First, StringComparison.Ordinal);
        await two.Log.WaitForAsync("Critical", "has been declared dead");
        await one.WaitForAsync(two.Address, SiloStatus.Dead);
    }

    [Fact]
    public async Task All_silos_hear_of_a_change_by_gossip_though_they_read_the_table_once_a_minute()
    {
        var table = new OneTable();
        await using var one = await SocketSilo.StartAsync(table);
        await using var two = await SocketSilo.StartAsync(table);
        await using var three = await SocketSilo.StartAsync(table);

        var started = Environment.TickCount64;
        await one.Membership.TryKill(three.Address);
        await two.WaitForAsync(three.Address, SiloStatus.Dead).WaitAsync(TimeSpan.FromSeconds(20));

        // Far below the minute of the table's refresh; about 1 ms on an idle machine.
        Assert.InRange(Environment.TickCount64 - started, 0, 10_000);
    }

    [Fact]
    public async Task Votes_of_two_silos_are_needed_where_there_are_three()
    {
        // Only silo two probes: its vote alone evicts nobody.
        var table = new OneTable();
        var dead = SiloAddress.FromParsableString("127.0.0.1:1@1");
        await using var one = await SocketSilo.StartAsync(table, configure: Quiet);
        await using var two = await SocketSilo.StartAsync(table, configure: Probing);
        await AddActiveAsync(table, dead);

        await two.Membership.Refresh();
        await two.Log.WaitForAsync("votes that it is dead");
        var row = (await table.ReadAll()).Members.Single(m => m.Item1.SiloAddress.Equals(dead)).Item1;
        Assert.Equal(SiloStatus.Active, row.Status);

        await using var three = await SocketSilo.StartAsync(table, configure: x =>
        {
            Probing(x);
            x.Configure<ClusterMembershipOptions>(o => o.IAmAliveTablePublishTimeout = TimeSpan.FromMilliseconds(1));
        });
        await one.WaitForAsync(dead, SiloStatus.Dead).WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_leaving_silo_sends_its_grains_on_and_nobody_fails()
    {
        var table = new OneTable();
        await using var one = await SocketSilo.StartAsync(table);
        await using var two = await SocketSilo.StartAsync(table);
        await one.WaitForAsync(two.Address, SiloStatus.Active);
        var grains = Enumerable.Range(0, 20).Select(i => one.Get<IGrainFactory>().GetGrain<IPingGrain>($"leaving-{i}")).ToArray();
        RequestContext.Set(IPlacementDirector.PlacementHintKey, two.Address);
        await Task.WhenAll(grains.Select(g => g.PingAsync(0)));
        RequestContext.Clear();
        using var stop = new CancellationTokenSource();
        var callers = grains.Select(async g =>
        {
            while (!stop.IsCancellationRequested)
            {
                await g.PingAsync(1);
            }
        }).ToArray();

        await two.StopAsync();
        await one.WaitForAsync(two.Address, SiloStatus.Dead);
        await stop.CancelAsync();

        await Task.WhenAll(callers);
    }

    [Fact]
    public async Task A_silo_with_the_address_of_an_earlier_life_does_not_join()
    {
        // Two starts on one endpoint within a second: the generations, seconds as in Orleans, are equal.
        var table = new OneTable();
        await using var one = await SocketSilo.StartAsync(table);
        SiloAddress? address = null;

        var error = await Assert.ThrowsAsync<OrleansException>(() => SocketSilo.StartAsync(table, before: silo =>
        {
            address = silo.Address;
            return AddActiveAsync(table, address, DateTime.UtcNow.AddSeconds(-0.5));
        }));

        Assert.Contains("same second", error.Message, StringComparison.Ordinal);
        var row = (await table.ReadAll()).Members.Single(m => m.Item1.SiloAddress.Equals(address)).Item1;
        Assert.Equal(("gone", SiloStatus.Active), (row.SiloName, row.Status));
    }

    private static void Quiet(ISiloBuilder silo) => silo.Configure<ClusterMembershipOptions>(o => o.LivenessEnabled = false);

    private static void Probing(ISiloBuilder silo) =>
        silo.Configure<ClusterMembershipOptions>(o => o.ProbeTimeout = TimeSpan.FromMilliseconds(50));

    private static async Task AddActiveAsync(OneTable table, SiloAddress silo, DateTime? started = null) => await table.InsertRow(
        new MembershipEntry
        {
            SiloAddress = silo,
            SiloName = "gone",
            HostName = "gone",
            Status = SiloStatus.Active,
            StartTime = started ?? DateTime.UtcNow,
            IAmAliveTime = DateTime.UtcNow,
        },
        (await table.ReadAll()).Version.Next());
}
