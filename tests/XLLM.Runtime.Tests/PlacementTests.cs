using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using XLLM.Runtime.Tests.Grains;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests;

[Collection(ClusterCollection.Name)]
public sealed class PlacementTests(ClusterFixture fixture)
{
    private readonly string _key = Facts.NewKey();

    [Fact]
    public async Task Filters_run_by_ascending_order_and_narrow_the_choice()
    {
        var where = await fixture.Client.GetGrain<ITwiceFilteredGrain>(_key).WhereAsync();

        Assert.Equal(
            ["other", "recording"],
            RecordingFilterDirector.Asked.Where(a => a.Key == _key).Select(a => a.Filter).Take(2));
        Assert.Equal(fixture.Cluster.Silos.Select(s => s.SiloAddress).Order().First().ToString(), where);
    }

    [Fact]
    public async Task Two_filters_of_the_same_order_are_an_InvalidOperationException() =>
        await Assert.ThrowsAsync<InvalidOperationException>(fixture.Client.GetGrain<IClashingFiltersGrain>(_key).WhereAsync);

    [Fact]
    public async Task A_grain_whose_filters_leave_no_silo_is_an_OrleansException() =>
        await Assert.ThrowsAnyAsync<OrleansException>(fixture.Client.GetGrain<INowhereGrain>(_key).WhereAsync);

    [Fact]
    public async Task A_local_grain_lives_on_the_silo_that_called_it()
    {
        for (var silo = 0; silo < 2; silo++)
        {
            var where = await fixture.Of(silo).GetGrain<ILocalGrain>(_key + silo).WhereAsync();
            Assert.Equal(fixture.Cluster.Silos[silo].SiloAddress.ToString(), where);
        }
    }

    [Fact]
    public async Task A_placement_hint_is_obeyed()
    {
        foreach (var silo in fixture.Cluster.Silos)
        {
            var grain = fixture.Client.GetGrain<ICounterGrain>(_key + silo.Name);
            var where = await ClusterFixture.PlacedOn(silo.SiloAddress, grain.WhereAsync);
            Assert.Equal(silo.SiloAddress.ToString(), where.Value);
        }
    }

    [Fact]
    public async Task A_stateless_worker_runs_on_the_callers_silo_in_several_activations()
    {
        var worker = fixture.Local.GetGrain<IWorkerGrain>(_key);

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => worker.MeetAsync(_key, 3)));

        Assert.Equal(fixture.Cluster.Silos[0].SiloAddress.ToString(), await worker.WhereAsync());
    }

    [Fact]
    public async Task The_management_grain_knows_where_an_activation_is()
    {
        var silo = fixture.Cluster.Silos[1].SiloAddress;
        var grain = fixture.Client.GetGrain<ICounterGrain>(_key);
        await ClusterFixture.PlacedOn(silo, grain.WhereAsync);

        Assert.Equal(silo, await fixture.Client.GetGrain<IManagementGrain>(0).GetActivationAddress(grain));
    }

    [Fact]
    public void All_silos_see_each_other_as_active()
    {
        foreach (var silo in fixture.Cluster.Silos)
        {
            var oracle = silo.ServiceProvider.GetRequiredService<ISiloStatusOracle>();
            Assert.Equal(2, oracle.GetActiveSilos().Length);
        }
    }
}
