using Orleans.Runtime;
using XLLM.Runtime.Tests.Support;
using XLLM.Testing;
using XLLM.Testing.SiloHost;

namespace XLLM.Runtime.Tests.Processes;

/// <summary>Calls between silos of two processes, over sockets.</summary>
public sealed class RemoteCallTests(TwoProcesses processes) : IClassFixture<TwoProcesses>
{
    private readonly ProcessCluster _cluster = processes.Cluster;
    private readonly SiloProcess _other = processes.Other;

    [Fact]
    public async Task All_kinds_of_calls_cross_processes()
    {
        var grain = await _cluster.GrainOnAsync(_other.Address);
        Assert.Equal(_other.Id, await grain.ProcessIdAsync());

        // Large and small messages. Calls that are open at the same time may overtake each other: Orleans hands messages that come
        // together to the thread pool one by one, the newest first.
        var bytes = new byte[3_000_000];
        new Random(1).NextBytes(bytes);
        Assert.Equal(bytes, await grain.EchoAsync(bytes));
        var counts = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => grain.CountAsync()));
        Assert.Equal(Enumerable.Range(1, 200), counts.Order());

        var numbers = new List<int>();
        await foreach (var number in grain.NumbersAsync(250))
        {
            numbers.Add(number);
        }

        Assert.Equal(Enumerable.Range(0, 250), numbers);
    }

    [Fact]
    public async Task Observers_of_one_process_are_called_from_another()
    {
        var grain = await _cluster.GrainOnAsync(_other.Address);
        var listener = new MarkListener(100);
        var reference = _cluster.Grains.CreateObjectReference<IMarkListener>(listener);

        await grain.NotifyAsync(reference, 100);

        // All of them, once; one-way calls overtake each other too.
        Assert.Equal(Enumerable.Range(0, 100), (await listener.All.Within()).Order());
        GC.KeepAlive(listener);
    }

    [Fact]
    public async Task Cancellation_reaches_the_other_process()
    {
        var grain = await _cluster.GrainOnAsync(_other.Address);
        using var source = new CancellationTokenSource();
        var call = grain.WaitAsync(source.Token);
        Assert.False(await grain.WasCancelledAsync());

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await UntilAsync(grain.WasCancelledAsync).Within();
    }

    [Fact]
    public async Task Grains_of_both_processes_call_each_other_and_know_the_silos_metadata()
    {
        var there = await _cluster.GrainOnAsync(_other.Address);
        var (key, here) = (Facts.NewKey(), _cluster.Here.ToParsableString());
        await _cluster.GrainOnAsync(here, key);

        Assert.Equal(here, await there.WhereIsAsync(key));
        Assert.Equal("silo1", await there.MetadataOfAsync(here, "name"));
        var local = await _cluster.GrainOnAsync(here);
        Assert.Equal("silo2", await local.MetadataOfAsync(_other.Address, "name"));
    }

    [Fact]
    public async Task Callers_in_both_processes_reach_one_activation()
    {
        var middle = await _cluster.GrainOnAsync(_other.Address);
        var keys = Enumerable.Range(0, 20).Select(_ => Facts.NewKey()).ToArray();

        // All at once, from here and from there, to grains that nobody has called before.
        var calls = keys.Select(async key =>
        {
            var places = await Task.WhenAll(
                middle.WhereIsAsync(key), _cluster.Grains.GetGrain<IMarkGrain>(key).WhereAsync(), middle.WhereIsAsync(key),
                _cluster.Grains.GetGrain<IMarkGrain>(key).WhereAsync());
            return places.Distinct().Count();
        });

        Assert.All(await Task.WhenAll(calls), n => Assert.Equal(1, n));
    }

    [Fact]
    public async Task A_grain_moves_to_the_other_process_with_its_state()
    {
        var grain = await _cluster.GrainOnAsync(_other.Address);
        Assert.Equal(1, await grain.CountStoredAsync());
        RequestContext.Set(Orleans.Runtime.Placement.IPlacementDirector.PlacementHintKey, _cluster.Here);
        await grain.MoveAsync();
        RequestContext.Clear();

        await UntilAsync(async () => await grain.WhereAsync() == _cluster.Here.ToParsableString()).Within();
        Assert.Equal(2, await grain.CountStoredAsync());
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Yield();
        }
    }
}
