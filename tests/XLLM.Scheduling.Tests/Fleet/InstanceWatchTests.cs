using XLLM.Contracts.Fleet;
using XLLM.Scheduling.Fleet;
using static XLLM.Scheduling.Tests.Fleet.Instances;

namespace XLLM.Scheduling.Tests.Fleet;

public sealed class InstanceWatchTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly InstanceWatch _watch = new(Id("a"), 1, TimeSpan.FromSeconds(6));

    [Theory]
    [InlineData(InstanceHealth.Ready, false)]
    [InlineData(InstanceHealth.Draining, false)]
    [InlineData(InstanceHealth.Suspect, false)]
    [InlineData(InstanceHealth.Dead, true)]
    public void Only_death_ends_a_known_instance(InstanceHealth health, bool lost) =>
        Assert.Equal(lost, _watch.IsLost(Snapshot(Ready("a") with { Health = health }), Start));

    [Fact]
    public void A_newer_epoch_means_that_the_watched_one_is_gone() =>
        Assert.True(_watch.IsLost(Snapshot(Ready("a") with { Descriptor = Descriptor("a", epoch: 2) }), Start));

    [Fact]
    public void Absence_counts_only_after_the_limit_and_a_sighting_resets_it()
    {
        Assert.False(_watch.IsLost(Snapshot(), Start));
        Assert.False(_watch.IsLost(Snapshot(), Start.AddSeconds(5)));
        Assert.False(_watch.IsLost(Snapshot(Ready("a")), Start.AddSeconds(5.5)));
        Assert.False(_watch.IsLost(Snapshot(), Start.AddSeconds(7)));
        Assert.True(_watch.IsLost(Snapshot(), Start.AddSeconds(13)));
    }
}
