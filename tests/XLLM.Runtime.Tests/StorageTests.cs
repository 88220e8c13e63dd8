using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;
using XLLM.Runtime.Tests.Grains;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests;

[Collection(ClusterCollection.Name)]
public sealed class StorageTests(ClusterFixture fixture)
{
    private readonly string _key = Facts.NewKey();

    [Fact]
    public async Task A_stored_state_survives_its_activation()
    {
        var grain = fixture.Client.GetGrain<IVaultGrain>(_key);
        Assert.False(await grain.ExistsAsync());
        await grain.SetAsync("kept");
        var before = await grain.ActivationAsync();

        await grain.EndAsync();

        Assert.Equal("kept", await grain.GetAsync());
        Assert.NotEqual(before, await grain.ActivationAsync());
        Assert.True(await grain.ExistsAsync());
    }

    [Fact]
    public async Task A_cleared_state_is_gone()
    {
        var grain = fixture.Client.GetGrain<IVaultGrain>(_key);
        await grain.SetAsync("short-lived");

        await grain.ClearAsync();
        await grain.EndAsync();

        Assert.Null(await grain.GetAsync());
        Assert.False(await grain.ExistsAsync());
    }

    [Fact]
    public async Task A_stale_write_throws_and_ends_the_activation()
    {
        var grain = fixture.Client.GetGrain<IVaultGrain>(_key);
        await grain.SetAsync("first");
        var before = await grain.ActivationAsync();

        await Assert.ThrowsAnyAsync<InconsistentStateException>(grain.WriteStaleAsync);

        Assert.Equal(DeactivationReasonCode.ApplicationError,
            await Facts.WaitAsync<DeactivationReasonCode>($"{_key} deactivated"));
        Assert.NotEqual(before, await grain.ActivationAsync());
        Assert.Equal("other", await grain.GetAsync());
    }

    [Fact]
    public async Task Grain_of_state_stores_it()
    {
        var grain = fixture.Client.GetGrain<ILedgerGrain>(Random.Shared.NextInt64());
        await grain.AddAsync(40);
        await grain.EndAsync();

        Assert.Equal(42, await grain.AddAsync(2));
    }

    [Fact]
    public async Task The_membership_table_refuses_a_stale_version_and_then_changes_no_row()
    {
        var table = fixture.Cluster.Silos[0].ServiceProvider.GetRequiredService<IMembershipTable>();
        var data = await table.ReadAll();
        var entry = new MembershipEntry
        {
            SiloAddress = SiloAddress.New(System.Net.IPAddress.Loopback, 1, 1),
            SiloName = "ghost",
            HostName = "ghost",
            Status = SiloStatus.Dead,
            StartTime = DateTime.UtcNow,
            IAmAliveTime = DateTime.UtcNow,
        };

        Assert.True(await table.InsertRow(entry, data.Version.Next()));
        var after = await table.ReadAll();
        Assert.Equal(data.Version.Version + 1, after.Version.Version);
        var row = after.TryGet(entry.SiloAddress)!;

        var late = new MembershipEntry
        {
            SiloAddress = SiloAddress.New(System.Net.IPAddress.Loopback, 1, 2),
            SiloName = "late",
            HostName = "late",
            Status = SiloStatus.Dead,
            StartTime = DateTime.UtcNow,
            IAmAliveTime = DateTime.UtcNow,
        };
        Assert.False(await table.InsertRow(late, data.Version.Next()));
        Assert.Null((await table.ReadAll()).TryGet(late.SiloAddress));
        Assert.False(await table.UpdateRow(row.Item1, row.Item2, data.Version.Next()));
        Assert.False(await table.InsertRow(entry, after.Version.Next()));
        Assert.Equal(after.Version, (await table.ReadAll()).Version);
    }
}
