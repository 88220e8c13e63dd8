using Orleans.Runtime;

namespace XLLM.Compat.Tests.Sockets;

/// <summary>Silos that leave and join one after the other, while grains are called.</summary>
public sealed class RollingTests
{
    private const int Rounds = 20;
    private const int Grains = 40;

    [Fact]
    public async Task Through_restarts_calls_go_on_and_no_grain_has_two_activations()
    {
        var table = new OneTable();
        await using var caller = await SocketSilo.StartAsync(table);
        var silos = new Queue<SocketSilo>();
        for (var i = 0; i < 3; i++)
        {
            silos.Enqueue(await SocketSilo.StartAsync(table));
        }

        var grains = Enumerable.Range(0, Grains).Select(i => caller.Get<IGrainFactory>().GetGrain<IRovingGrain>($"roving-{i}"));
        using var stop = new CancellationTokenSource();
        var (answered, rejected) = (0, 0);
        var calls = grains.Select(g => Task.Run(async () =>
        {
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
            var seen = new HashSet<string>();
            while (!stop.IsCancellationRequested && await pace.WaitForNextTickAsync())
            {
                try
                {
                    seen.Add(await g.WhereAsync());
                    Interlocked.Increment(ref answered);
                }
                catch (OrleansMessageRejectionException)
                {
                    // Sent on more often than is allowed, as in Orleans: nothing ran, and the caller may call again.
                    Interlocked.Increment(ref rejected);
                }
            }

            return seen.Count;
        })).ToArray();
        for (var i = 0; i < Rounds && !calls.Any(c => c.IsFaulted); i++)
        {
            await silos.Dequeue().DisposeAsync();
            silos.Enqueue(await SocketSilo.StartAsync(table));
        }

        await stop.CancelAsync();
        var places = await Task.WhenAll(calls);

        Assert.Empty(RovingGrain.Doubles);
        Assert.True(rejected <= answered / 1000, $"{rejected} calls were rejected, {answered} answered");
        Assert.True(places.Sum() > Grains, "no grain has moved");
        foreach (var silo in silos)
        {
            await silo.DisposeAsync();
        }
    }
}
