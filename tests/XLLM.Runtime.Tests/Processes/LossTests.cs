using System.Diagnostics;
using Orleans.Runtime;
using XLLM.Runtime.Tests.Support;
using XLLM.Testing;
using XLLM.Testing.Postgres;
using XLLM.Testing.SiloHost;
using Xunit.Abstractions;

namespace XLLM.Runtime.Tests.Processes;

/// <summary>Silos that are killed, paused and restarted; and the database that is. Probe timeout 250 ms unless said otherwise, three missed probes.</summary>
public sealed class LossTests(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    [PostgresFact]
    public async Task A_killed_silo_fails_its_calls_and_the_next_call_lands_elsewhere()
    {
        await using var cluster = await ProcessCluster.StartAsync(await postgres.Server.CreateDatabaseAsync());
        var other = await cluster.StartProcessAsync();
        var grain = await cluster.GrainOnAsync(other.Address);
        Assert.Equal(1, await grain.CountStoredAsync());
        var open = grain.WaitAsync(CancellationToken.None);
        Assert.False(await grain.WasCancelledAsync());

        var clock = Stopwatch.StartNew();
        await other.KillAsync();

        await Assert.ThrowsAsync<SiloUnavailableException>(() => open.Within());
        output.WriteLine($"SiloUnavailableException {clock.ElapsedMilliseconds} ms after kill -9");
        Assert.Equal(cluster.Here.ToParsableString(), await grain.WhereAsync());
        output.WriteLine($"the next call was answered elsewhere {clock.ElapsedMilliseconds} ms after kill -9");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Equal(2, await grain.CountStoredAsync());
        Assert.Equal(SiloStatus.Dead, cluster.Membership.CurrentSnapshot.GetSiloStatus(SiloAddress.FromParsableString(other.Address)));
    }

    [Fact]
    public async Task Calls_made_while_a_killed_silo_is_not_yet_known_dead_are_answered_by_another()
    {
        await using var cluster = await ProcessCluster.StartAsync();
        var other = await cluster.StartProcessAsync();
        var grain = await cluster.GrainOnAsync(other.Address);
        var clock = Stopwatch.StartNew();
        await other.KillAsync();
        await other.EndAsync();

        // Sent on a connection that is known to be broken, or never made: such calls fail at once or are sent again, and none is lost.
        var errors = 0;
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                Assert.Equal(cluster.Here.ToParsableString(), await grain.WhereAsync().Within());
                break;
            }
            catch (OrleansMessageRejectionException)
            {
                errors++;
                await pace.WaitForNextTickAsync();
            }

            Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        }

        output.WriteLine($"answered {clock.ElapsedMilliseconds} ms after kill -9, after {errors} errors");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_dead_silo_keeps_its_grains_for_as_long_as_its_lease_says()
    {
        await using var cluster = await ProcessCluster.StartAsync(leaseSeconds: 4);
        var other = await cluster.StartProcessAsync();
        var grain = await cluster.GrainOnAsync(other.Address);
        // From the kill on, so that a slow machine, which sees the death late, only makes it longer.
        var clock = Stopwatch.StartNew();
        await other.KillAsync();
        await cluster.WaitForAsync(other.Address, SiloStatus.Dead);

        Assert.Equal(cluster.Here.ToParsableString(), await grain.WhereAsync().Within());

        // Without a lease it is the time in which a death is found, 3 x 250 ms.
        output.WriteLine($"answered {clock.ElapsedMilliseconds} ms after its silo was killed");
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(30));
    }

    [PostgresFact]
    public async Task A_paused_silo_is_evicted_and_ends_itself_when_it_goes_on()
    {
        // After the eviction one vote is enough: more patience, so that a busy machine does not evict this process too.
        await using var cluster = await ProcessCluster.StartAsync(await postgres.Server.CreateDatabaseAsync(), probeMilliseconds: 750);
        var (first, second) = (await cluster.StartProcessAsync(), await cluster.StartProcessAsync());
        var grain = await cluster.GrainOnAsync(second.Address);
        var open = grain.WaitAsync(CancellationToken.None);
        // The open call is there, and not on its way, when the process stops: one that was not sent goes elsewhere.
        Assert.False(await grain.WasCancelledAsync());
        var clock = Stopwatch.StartNew();
        await second.PauseAsync();

        await Assert.ThrowsAsync<SiloUnavailableException>(() => open.Within());
        output.WriteLine($"SiloUnavailableException {clock.ElapsedMilliseconds} ms after SIGSTOP");
        Assert.NotEqual(second.Address, await grain.WhereAsync().Within());

        await second.ContinueAsync();
        await second.EndAsync();
        output.WriteLine($"the paused silo ended itself with {second.ExitCode}");
        Assert.NotEqual(0, second.ExitCode);
        Assert.Equal(SiloStatus.Active, cluster.Membership.CurrentSnapshot.GetSiloStatus(SiloAddress.FromParsableString(first.Address)));
        Assert.Equal(SiloStatus.Active, cluster.Membership.CurrentSnapshot.GetSiloStatus(cluster.Here));
    }

    [Fact]
    public async Task A_restarted_silo_declares_its_earlier_life_dead_at_once()
    {
        // Probes that would take minutes to notice.
        await using var cluster = await ProcessCluster.StartAsync(probeMilliseconds: 60_000);
        var port = ProcessCluster.FreePort();
        var before = await cluster.StartProcessAsync(port);
        await before.KillAsync();
        await before.EndAsync();
        await NextSecondAsync();

        var after = await cluster.StartProcessAsync(port);

        Assert.NotEqual(before.Address, after.Address);
        await cluster.WaitForAsync(before.Address, SiloStatus.Dead);
        await cluster.GrainOnAsync(after.Address);
    }

    [PostgresFact]
    public async Task Calls_go_on_while_the_database_is_away_and_changes_go_through_when_it_is_back()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var cluster = await ProcessCluster.StartAsync(await server.CreateDatabaseAsync());
        var (first, second) = (await cluster.StartProcessAsync(), await cluster.StartProcessAsync());
        var (calm, lost) = (await cluster.GrainOnAsync(first.Address), await cluster.GrainOnAsync(second.Address));

        await server.KillAsync();
        Assert.Equal(first.Id, await calm.ProcessIdAsync());
        await second.KillAsync();
        await second.EndAsync();

        // Its end cannot be written: it stays a member, and the others serve on.
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(i + 1, await calm.CountAsync());
        }

        Assert.Equal(SiloStatus.Active, cluster.Membership.CurrentSnapshot.GetSiloStatus(SiloAddress.FromParsableString(second.Address)));
        await server.StartAgainAsync();
        var clock = Stopwatch.StartNew();
        await cluster.WaitForAsync(second.Address, SiloStatus.Dead);
        output.WriteLine($"the killed silo was declared dead {clock.ElapsedMilliseconds} ms after the database was back");
        Assert.NotEqual(second.Address, await lost.WhereAsync().Within());
        Assert.Equal(51, await calm.CountAsync());
    }

    [Fact]
    public async Task A_grain_stays_reachable_through_a_rolling_restart_of_three_silos()
    {
        await using var cluster = await ProcessCluster.StartAsync(probeMilliseconds: 1000);
        var silos = new List<SiloProcess>();
        for (var i = 0; i < 3; i++)
        {
            silos.Add(await cluster.StartProcessAsync());
        }

        var grains = Enumerable.Range(0, 30).Select(_ => cluster.Grains.GetGrain<IMarkGrain>(Facts.NewKey())).ToArray();
        using var stop = new CancellationTokenSource();
        var refused = 0;
        var callers = Task.WhenAll(grains.Select(grain => Task.Run(async () =>
        {
            // Not without a pause: thirty busy loops would starve the silo of this process.
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            var calls = 0;
            while (!stop.IsCancellationRequested && await pace.WaitForNextTickAsync())
            {
                try
                {
                    await grain.WhereAsync();
                    calls++;
                }
                catch (OrleansMessageRejectionException)
                {
                    Interlocked.Increment(ref refused);
                }
            }

            return calls;
        })));
        foreach (var old in silos)
        {
            await old.StopAsync();
            Assert.Equal(0, old.ExitCode);
            await cluster.StartProcessAsync();
        }

        await stop.CancelAsync();
        var counts = await callers.Within();
        output.WriteLine($"{counts.Sum()} calls to 30 grains while three silos were restarted; {refused} were refused");
        Assert.All(counts, n => Assert.True(n > 0));
        // The stand-in loses none. Orleans refuses a call that is on its way to a silo that has just closed; the next one is answered.
        Assert.InRange(refused, 0, grains.Length);
    }

    // Lives on one endpoint are told apart by the second they begin in; the CLI's supervisor keeps them apart.
    private static async Task NextSecondAsync()
    {
        var second = DateTime.UtcNow.Second;
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (DateTime.UtcNow.Second == second)
        {
            await tick.WaitForNextTickAsync();
        }
    }
}
