using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;
using XLLM.Runtime.Tests.Grains;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests;

/// <summary>Cancellation in a cluster whose callers wait until the callee has taken it.</summary>
public sealed class CancellationTests : IAsyncLifetime
{
    private readonly string _key = Facts.NewKey();
    private readonly InProcessTestCluster _cluster = ClusterFixture.Build(2, builder => builder
        .ConfigureSilo((_, silo) => silo.Configure<SiloMessagingOptions>(o => o.WaitForCancellationAcknowledgement = true))
        .ConfigureClient(client => client.Configure<ClientMessagingOptions>(o => o.WaitForCancellationAcknowledgement = true)));

    public Task InitializeAsync() => _cluster.DeployAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_queued_request_that_is_cancelled_never_starts()
    {
        foreach (var factory in new[] { ClusterFixture.Of(_cluster, 0), ClusterFixture.Of(_cluster, 1), _cluster.Client })
        {
            var key = Facts.NewKey();
            var grain = factory.GetGrain<IBusyGrain>(key);
            await ClusterFixture.PlacedOn(_cluster.Silos[0].SiloAddress, grain.WhereAsync);
            var holding = grain.HoldAsync(key);
            await Facts.WaitAsync($"{key} began");
            using var source = new CancellationTokenSource();

            var queued = grain.HoldUntilCancelledAsync(key + "q", source.Token);
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);

            Facts.Set($"{key} may end");
            await holding;
            await grain.GetEndedAsync();
            Assert.False(Facts.IsSet($"{key}q began"));
        }
    }

    [Fact]
    public async Task A_running_request_that_is_cancelled_has_ended_when_its_caller_is_told()
    {
        var grain = _cluster.Client.GetGrain<IBusyGrain>(_key);
        using var source = new CancellationTokenSource();
        var running = grain.HoldUntilCancelledAsync(_key, source.Token);
        await Facts.WaitAsync($"{_key} began");

        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        Assert.True(Facts.IsSet($"{_key} cancelled"));
    }
}
