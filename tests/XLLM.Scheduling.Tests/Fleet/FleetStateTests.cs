using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Fleet;
using static XLLM.Scheduling.Tests.Fleet.Instances;

namespace XLLM.Scheduling.Tests.Fleet;

public sealed class FleetStateTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly FleetOptions _options = new();
    private readonly FleetState _fleet;

    public FleetStateTests() => _fleet = new FleetState(_options, new FleetVersion(100));

    [Fact]
    public void Every_change_makes_a_higher_version_and_old_snapshots_do_not_change()
    {
        FleetSnapshot empty = _fleet.Snapshot;
        _fleet.Register(Descriptor("a"), InstanceHealth.Ready, Start);
        FleetSnapshot one = _fleet.Snapshot;
        _fleet.Register(Descriptor("b"), InstanceHealth.Ready, Start);

        Assert.Equal(new FleetVersion(100), empty.Version);
        Assert.True(empty.Version.CompareTo(one.Version) < 0 && one.Version.CompareTo(_fleet.Snapshot.Version) < 0);
        Assert.Empty(empty.Instances);
        Assert.Equal(["a/cpu0"], one.Instances.Select(x => x.Descriptor.Id.Value));
    }

    [Fact]
    public void Instances_are_ordered_by_id_whatever_the_order_of_arrival()
    {
        foreach (string silo in new[] { "c", "a", "b" })
        {
            _fleet.Register(Descriptor(silo), InstanceHealth.Ready, Start);
        }

        Assert.Equal(["a/cpu0", "b/cpu0", "c/cpu0"], _fleet.Snapshot.Instances.Select(x => x.Descriptor.Id.Value));
    }

    [Fact]
    public void Silence_makes_an_instance_suspect_then_dead_then_forgotten()
    {
        _fleet.Register(Descriptor("a"), InstanceHealth.Ready, Start);

        Assert.Empty(_fleet.Expire(Start + _options.SuspectAfter - TimeSpan.FromTicks(1)));
        Assert.Equal(InstanceHealth.Ready, HealthOf("a"));
        Assert.Empty(_fleet.Expire(Start + _options.SuspectAfter));
        Assert.Equal(InstanceHealth.Suspect, HealthOf("a"));
        Assert.Equal([Id("a")], _fleet.Expire(Start + _options.DeadAfter).ToArray());
        Assert.Equal(InstanceHealth.Dead, HealthOf("a"));
        Assert.Empty(_fleet.Expire(Start + _options.DeadAfter + TimeSpan.FromSeconds(1)));
        Assert.Empty(_fleet.Expire(Start + _options.ForgetAfter));
        Assert.Empty(_fleet.Snapshot.Instances);
        Assert.Empty(_fleet.CheckIntegrity());
    }

    [Fact]
    public void A_registry_that_slept_tells_a_death_even_when_it_forgets_at_once()
    {
        _fleet.Register(Descriptor("a"), InstanceHealth.Ready, Start);

        Assert.Equal([Id("a")], _fleet.Expire(Start + (2 * _options.ForgetAfter)).ToArray());
        Assert.Empty(_fleet.Snapshot.Instances);
    }

    [Fact]
    public void A_report_brings_a_suspect_back()
    {
        _fleet.Register(Descriptor("a"), InstanceHealth.Ready, Start);
        _fleet.Expire(Start + _options.SuspectAfter);

        Assert.True(_fleet.Report(Report("a", 1, running: 3), InstanceHealth.Ready, Start + _options.SuspectAfter));

        Assert.Equal(InstanceHealth.Ready, HealthOf("a"));
        Assert.Equal(3, _fleet.Snapshot.Instances[0].Load.Running);
    }

    [Fact]
    public void An_expiry_without_a_change_keeps_the_snapshot()
    {
        _fleet.Register(Descriptor("a"), InstanceHealth.Ready, Start);
        FleetSnapshot before = _fleet.Snapshot;
        _fleet.Expire(Start + TimeSpan.FromMilliseconds(1));

        Assert.Same(before, _fleet.Snapshot);
    }

    [Fact]
    public void A_late_report_is_a_sign_of_life_but_its_numbers_are_dropped()
    {
        _fleet.Register(Descriptor("a"), InstanceHealth.Ready, Start);
        _fleet.Report(Report("a", 5, running: 5), InstanceHealth.Ready, Start);

        Assert.True(_fleet.Report(Report("a", 4, running: 4), InstanceHealth.Ready, Start + TimeSpan.FromSeconds(1)));

        Assert.Equal(5, _fleet.Snapshot.Instances[0].Load.Running);
        Assert.Equal(Start + TimeSpan.FromSeconds(1), _fleet.Snapshot.Instances[0].Seen);
    }

    [Fact]
    public void Only_the_newest_epoch_is_heard()
    {
        _fleet.Register(Descriptor("a", epoch: 2), InstanceHealth.Ready, Start);

        Assert.False(_fleet.Register(Descriptor("a", epoch: 1), InstanceHealth.Ready, Start));
        Assert.False(_fleet.Report(Report("a", 1, epoch: 1), InstanceHealth.Ready, Start));
        Assert.False(_fleet.Unregister(Id("a"), 1));
        Assert.True(_fleet.Register(Descriptor("a", epoch: 3), InstanceHealth.Ready, Start));
        Assert.False(_fleet.Report(Report("a", 9, epoch: 2), InstanceHealth.Ready, Start));
        Assert.True(_fleet.Report(Report("a", 1, epoch: 3), InstanceHealth.Ready, Start));
        Assert.Empty(_fleet.CheckIntegrity());
    }

    [Fact]
    public void An_unknown_instance_is_told_to_register_again()
    {
        Assert.False(_fleet.Report(Report("a", 1), InstanceHealth.Ready, Start));
        _fleet.Register(Descriptor("a"), InstanceHealth.Ready, Start);
        Assert.True(_fleet.Unregister(Id("a"), 1));
        Assert.False(_fleet.Report(Report("a", 2), InstanceHealth.Ready, Start));
    }

    private InstanceHealth HealthOf(string silo) => _fleet.Snapshot.Instances.Single(x => x.Descriptor.Id == Id(silo)).Health;
}
