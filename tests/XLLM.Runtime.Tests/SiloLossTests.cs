using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;
using XLLM.Runtime.Tests.Grains;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests;

/// <summary>Silos that die and silos that leave. Each test has its own cluster.</summary>
public sealed class SiloLossTests : IAsyncLifetime
{
    private readonly InProcessTestCluster _cluster = ClusterFixture.Build(2);
    private readonly string _key = Facts.NewKey();

    public Task InitializeAsync() => _cluster.DeployAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task When_a_silo_is_killed_open_calls_fail_and_the_next_call_lands_elsewhere()
    {
        var doomed = _cluster.Silos[1];
        var survivor = ClusterFixture.Of(_cluster, 0);
        var grain = survivor.GetGrain<IBusyGrain>(_key);
        var caller = survivor.GetGrain<ICallerGrain>(_key);
        await ClusterFixture.PlacedOn(doomed.SiloAddress, grain.WhereAsync);
        RequestContext.Set(IPlacementDirector.PlacementHintKey, _cluster.Silos[0].SiloAddress);
        var fromHost = grain.HoldReadingAsync(_key + "1");
        var fromGrain = caller.HoldOtherAsync(grain, _key + "2");
        await Facts.WaitAsync($"{_key}1 began");
        await Facts.WaitAsync($"{_key}2 began");

        await _cluster.KillSiloAsync(doomed);

        await Assert.ThrowsAsync<SiloUnavailableException>(() => fromHost);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => fromGrain);
        Assert.Equal(_cluster.Silos[0].SiloAddress.ToString(), await grain.WhereAsync());
        Assert.False(Facts.IsSet($"{_key} deactivated"));

        // Nothing of this test waits any longer in the dead silo.
        Facts.Set($"{_key}1 may end");
        Facts.Set($"{_key}2 may end");
    }

    [Fact]
    public async Task When_a_silo_stops_its_grains_deactivate_and_queued_calls_move()
    {
        var leaving = _cluster.Silos[1];
        var staying = _cluster.Silos[0];
        var grain = ClusterFixture.Of(_cluster, 0).GetGrain<IBusyGrain>(_key);
        await ClusterFixture.PlacedOn(leaving.SiloAddress, grain.WhereAsync);
        var idle =
            Enumerable.Range(0, 20).Select(i => ClusterFixture.Of(_cluster, 0).GetGrain<IBusyGrain>($"{_key}-{i}")).ToArray();
        foreach (var other in idle)
        {
            await ClusterFixture.PlacedOn(leaving.SiloAddress, other.WhereAsync);
        }

        // Keeps the silo from being gone before the moved call is answered.
        await idle[0].LingerAsync();
        var running = grain.HoldAsync(_key + "1");
        await Facts.WaitAsync($"{_key}1 began");
        Facts.Set($"{_key}2 may end");
        var queued = grain.HoldAsync(_key + "2");

        var stopping = _cluster.StopSiloAsync(leaving);
        foreach (var other in idle)
        {
            Assert.Equal(
                DeactivationReasonCode.ShuttingDown,
                await Facts.WaitAsync<DeactivationReasonCode>($"{other.GetPrimaryKeyString()} deactivated"));
        }

        // All grains there have been told to end: the running request ends first, the queued one is not begun.
        Facts.Set($"{_key}1 may end");

        Assert.Equal(leaving.SiloAddress.ToString(), await running);
        Assert.Equal(staying.SiloAddress.ToString(), await queued);
        Assert.Equal(DeactivationReasonCode.ShuttingDown, await Facts.WaitAsync<DeactivationReasonCode>($"{_key} deactivated"));
        Facts.Set($"{idle[0].GetPrimaryKeyString()} may leave");
        await stopping;
    }

    [Fact]
    public async Task A_silo_that_joins_is_used()
    {
        var joined = await _cluster.StartAdditionalSiloAsync();
        await _cluster.WaitForLivenessToStabilizeAsync();

        var grain = ClusterFixture.Of(_cluster, 0).GetGrain<ICounterGrain>(_key);
        var where = await ClusterFixture.PlacedOn(joined.SiloAddress, grain.WhereAsync);

        Assert.Equal(joined.SiloAddress.ToString(), where.Value);
    }

    [Fact]
    public async Task A_restarted_silo_is_a_new_one()
    {
        var before = _cluster.Silos[1].SiloAddress;

        var after = (await _cluster.RestartSiloAsync(_cluster.Silos[1]))!.SiloAddress;

        Assert.NotEqual(before, after);
        await _cluster.WaitForLivenessToStabilizeAsync();
        var oracle = _cluster.Silos[0].ServiceProvider.GetRequiredService<ISiloStatusOracle>();
        Assert.Contains(after, oracle.GetActiveSilos());
        Assert.True(oracle.IsDeadSilo(before));
    }
}
