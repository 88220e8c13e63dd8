using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace XLLM.Runtime.Tests.Membership;

/// <summary>What every membership table of a cluster of processes promises.</summary>
public abstract class MembershipTableTests
{
    private static readonly DateTime Start = new(2026, 1, 2, 3, 4, 5, 678, DateTimeKind.Utc);

    /// <summary>A table that no other test has.</summary>
    protected abstract Task<IMembershipTable> CreateAsync(string clusterId);

    protected static IMembershipTable TableOf(string clusterId, Action<ISiloBuilder> configure)
    {
        var host = Host.CreateApplicationBuilder();
        host.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(x => x.ClusterId = clusterId);
            configure(silo);
        });
        return host.Build().Services.GetRequiredService<IMembershipTable>();
    }

    protected async Task A_row_changes_with_the_version_or_not_at_all()
    {
        var table = await OpenAsync();
        var read = await table.ReadAll();
        Assert.Empty(read.Members);

        Assert.True(await table.InsertRow(Entry(1), read.Version.Next()));
        Assert.False(await table.InsertRow(Entry(2), read.Version.Next()), "a stale version was taken");
        var after = await table.ReadAll();
        Assert.Single(after.Members);
        Assert.Equal(read.Version.Version + 1, after.Version.Version);
        Assert.False(await table.InsertRow(Entry(1), after.Version.Next()), "a row was inserted twice");
        Assert.Equal(after.Version.Version, (await table.ReadAll()).Version.Version);
    }

    protected async Task An_update_with_a_stale_version_or_without_a_row_is_refused()
    {
        var table = await OpenAsync();
        var read = await table.ReadAll();
        await table.InsertRow(Entry(1), read.Version.Next());
        var fresh = await table.ReadAll();
        var (entry, etag) = (fresh.Members[0].Item1, fresh.Members[0].Item2);
        entry.Status = SiloStatus.Dead;

        Assert.False(await table.UpdateRow(entry, etag, read.Version.Next()));
        Assert.False(await table.UpdateRow(Entry(9), etag, fresh.Version.Next()));
        Assert.Equal(SiloStatus.Active, (await table.ReadAll()).Members[0].Item1.Status);
        Assert.True(await table.UpdateRow(entry, etag, fresh.Version.Next()));
        var last = await table.ReadAll();
        Assert.Equal(SiloStatus.Dead, last.Members[0].Item1.Status);
        Assert.Equal(fresh.Version.Version + 1, last.Version.Version);
    }

    protected async Task All_columns_come_back()
    {
        var table = await OpenAsync();
        var entry = Entry(7);
        await table.InsertRow(entry, (await table.ReadAll()).Version.Next());
        var read = await table.ReadRow(entry.SiloAddress);
        entry.SuspectTimes = [Tuple.Create(Silo(3), Start.AddHours(1)), Tuple.Create(Silo(4), Start.AddHours(2))];
        await table.UpdateRow(entry, read.Members[0].Item2, read.Version.Next());

        var back = (await table.ReadRow(entry.SiloAddress)).Members.Single().Item1;
        Assert.Equal(entry.SiloAddress, back.SiloAddress);
        Assert.Equal(entry.SiloName, back.SiloName);
        Assert.Equal(entry.HostName, back.HostName);
        Assert.Equal(entry.ProxyPort, back.ProxyPort);
        Assert.Equal(entry.StartTime, back.StartTime.ToUniversalTime());
        Assert.Equal(entry.SuspectTimes.Select(x => (x.Item1, x.Item2)), back.SuspectTimes!.Select(x => (x.Item1, Utc(x.Item2))));
        Assert.Empty((await table.ReadRow(Silo(99))).Members);
    }

    protected async Task A_sign_of_life_leaves_the_version()
    {
        var table = await OpenAsync();
        var entry = Entry(1);
        await table.InsertRow(entry, (await table.ReadAll()).Version.Next());
        var before = await table.ReadAll();
        entry.IAmAliveTime = Start.AddDays(1);

        await table.UpdateIAmAlive(entry);

        var after = await table.ReadAll();
        Assert.Equal(before.Version.Version, after.Version.Version);
        Assert.Equal(Start.AddDays(1), after.Members[0].Item1.IAmAliveTime.ToUniversalTime());
    }

    protected async Task Defunct_rows_are_removed_and_active_ones_stay()
    {
        var table = await OpenAsync();
        foreach (var (number, status) in new[] { (1, SiloStatus.Active), (2, SiloStatus.Dead), (3, SiloStatus.Joining) })
        {
            var entry = Entry(number);
            entry.Status = status;
            entry.IAmAliveTime = Start.AddDays(number == 3 ? 10 : 0);
            await table.InsertRow(entry, (await table.ReadAll()).Version.Next());
        }

        await table.CleanupDefunctSiloEntries(new DateTimeOffset(Start.AddDays(5)));

        Assert.Equal([Silo(1), Silo(3)], (await table.ReadAll()).Members.Select(x => x.Item1.SiloAddress).Order());
    }

    protected async Task Of_many_writers_at_once_each_version_has_one()
    {
        const int Writers = 8;
        var name = NewCluster();
        var tables = new List<IMembershipTable>();
        for (var i = 0; i < Writers; i++)
        {
            tables.Add(await CreateAsync(name));
            await tables[i].InitializeMembershipTable(true);
        }

        await Task.WhenAll(tables.Select((table, i) => Task.Run(async () =>
        {
            while (!await table.InsertRow(Entry(i), (await table.ReadAll()).Version.Next()))
            {
            }
        })));

        var data = await tables[0].ReadAll();
        Assert.Equal(Writers, data.Members.Count);
        Assert.Equal(Writers, data.Version.Version);
    }

    private static string NewCluster() => "c" + Guid.NewGuid().ToString("N");

    private static DateTime Utc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);

    private static SiloAddress Silo(int number) => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 20000 + number), 5);

    private static MembershipEntry Entry(int number) => new()
    {
        SiloAddress = Silo(number),
        SiloName = $"silo {number}",
        HostName = "host",
        Status = SiloStatus.Active,
        ProxyPort = 30000,
        StartTime = Start,
        IAmAliveTime = Start,
    };

    private async Task<IMembershipTable> OpenAsync()
    {
        var table = await CreateAsync(NewCluster());
        await table.InitializeMembershipTable(true);
        return table;
    }
}
