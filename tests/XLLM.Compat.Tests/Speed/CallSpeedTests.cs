using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Xunit.Abstractions;

namespace XLLM.Compat.Tests.Speed;

/// <summary>Calls are cheap enough not to be what a serving step waits for. The bounds are wide: machines are shared.</summary>
public sealed class CallSpeedTests(ITestOutputHelper output)
{
    private const int Calls = 20_000;

    [Fact]
    public async Task A_call_within_a_silo_costs_microseconds()
    {
        await using var cluster = new InProcessTestClusterBuilder(2).Build();
        await cluster.DeployAsync();
        var here = cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<IPingGrain>("a");
        var there = cluster.Silos[1].ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<IPingGrain>("a");

        var local = await MeasureAsync(here);
        var remote = await MeasureAsync(there);

        output.WriteLine($"within a silo {local:0.0} us a call, between silos {remote:0.0} us a call");
        Assert.InRange(local, 0, 500);
        Assert.InRange(remote, 0, 2000);
    }

    /// <summary>Microseconds a call, one after the other, the best of three runs.</summary>
    private static async Task<double> MeasureAsync(IPingGrain grain)
    {
        await grain.PingAsync(0);
        var best = double.MaxValue;
        for (var run = 0; run < 3; run++)
        {
            var begun = Stopwatch.GetTimestamp();
            for (var i = 0; i < Calls; i++)
            {
                await grain.PingAsync(i);
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(begun).TotalMicroseconds / Calls);
        }

        return best;
    }
}
