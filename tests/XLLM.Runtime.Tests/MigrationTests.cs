using Orleans.Core.Internal;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using XLLM.Runtime.Tests.Grains;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests;

[Collection(ClusterCollection.Name)]
public sealed class MigrationTests(ClusterFixture fixture)
{
    private readonly string _key = Facts.NewKey();

    private SiloAddress Other(MovingState state) =>
        fixture.Cluster.Silos.Select(s => s.SiloAddress).First(s => s.ToString() != state.Silo);

    [Fact]
    public async Task A_grain_moves_to_the_hinted_silo_with_state_and_etag_as_a_new_activation()
    {
        var grain = fixture.Local.GetGrain<IMovingGrain>(_key);
        await grain.SetAsync("carried");
        await grain.WriteAsync("stored");
        var before = await grain.GetAsync();
        RequestContext.Set(IPlacementDirector.PlacementHintKey, Other(before));

        await grain.Cast<IGrainManagementExtension>().MigrateOnIdle();

        Assert.Equal(DeactivationReasonCode.Migrating, await Facts.WaitAsync<DeactivationReasonCode>($"{_key} deactivated"));
        var after = await grain.GetAsync();
        Assert.Equal(Other(before).ToString(), after.Silo);
        Assert.NotEqual(before.Activation, after.Activation);
        Assert.Equal("carried", after.Carried);
        Assert.Equal("stored", after.Stored);
        Assert.Equal(before.ETag, after.ETag);

        // The moved ETag is good for a write.
        await grain.WriteAsync("again");
        Assert.Equal("again", (await grain.GetAsync()).Stored);
    }

    [Fact]
    public async Task A_grain_that_fails_to_dehydrate_is_alive_and_empty_afterwards()
    {
        var grain = fixture.Local.GetGrain<IMovingGrain>(_key);
        await grain.SetAsync("lost");
        await grain.FailDehydrationAsync();
        RequestContext.Set(IPlacementDirector.PlacementHintKey, Other(await grain.GetAsync()));

        await grain.Cast<IGrainManagementExtension>().MigrateOnIdle();

        await Facts.WaitAsync($"{_key} deactivated");
        Assert.Null((await grain.GetAsync()).Carried);
    }

    [Fact]
    public async Task Migration_to_the_same_silo_by_the_extension_changes_nothing()
    {
        var grain = fixture.Local.GetGrain<IMovingGrain>(_key);
        var before = await grain.GetAsync();
        RequestContext.Set(
            IPlacementDirector.PlacementHintKey,
                fixture.Cluster.Silos.First(s => s.SiloAddress.ToString() == before.Silo).SiloAddress);

        await grain.Cast<IGrainManagementExtension>().MigrateOnIdle();

        Assert.Equal(before.Activation, (await grain.GetAsync()).Activation);
    }

    [Fact]
    public async Task Calls_made_while_a_grain_moves_are_answered()
    {
        var grain = fixture.Local.GetGrain<IMovingGrain>(_key);
        var before = await grain.GetAsync();
        RequestContext.Set(IPlacementDirector.PlacementHintKey, Other(before));

        var moving = grain.MoveAsync();
        var calls = Enumerable.Range(0, 100).Select(_ => grain.GetAsync()).ToArray();
        await moving;

        Assert.All(await Task.WhenAll(calls), answer => Assert.Contains(answer.Silo, new[] { before.Silo,
            Other(before).ToString() }));
        await Facts.WaitAsync($"{_key} deactivated");
        Assert.Equal(Other(before).ToString(), (await grain.GetAsync()).Silo);
    }

    [Fact]
    public async Task A_timer_ticks_and_is_gone_after_migration()
    {
        var grain = fixture.Local.GetGrain<IMovingGrain>(_key);
        await grain.StartTimerAsync(TimeSpan.FromMilliseconds(10));
        await Facts.WaitAsync($"{_key} tick 3");
        RequestContext.Set(IPlacementDirector.PlacementHintKey, Other(await grain.GetAsync()));

        await grain.Cast<IGrainManagementExtension>().MigrateOnIdle();

        await Facts.WaitAsync($"{_key} deactivated");
        Assert.Equal(0, (await grain.GetAsync()).Timers);
    }

    [Fact]
    public async Task DeactivateOnIdle_ends_the_activation_and_the_next_call_makes_another()
    {
        var grain = fixture.Local.GetGrain<IMovingGrain>(_key);
        var before = await grain.GetAsync();

        await grain.EndAsync();

        Assert.Equal(
            DeactivationReasonCode.ApplicationRequested, await Facts.WaitAsync<DeactivationReasonCode>($"{_key} deactivated"));
        Assert.NotEqual(before.Activation, (await grain.GetAsync()).Activation);
    }
}
