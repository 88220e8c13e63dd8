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
    public void A_pause_of_the_registry_is_not_held_against_the_living_and_brings_no_dead_back()
    {
        _fleet.Register(Descriptor("a"), InstanceHealth.Ready, Start);
        _fleet.Expire(Start + _options.DeadAfter);
        DateTimeOffset before = Start + _options.DeadAfter;
        _fleet.Register(Descriptor("b"), InstanceHealth.Ready, before);
        _fleet.Register(Descriptor("c"), InstanceHealth.Ready, before);
        _fleet.Doubt(Id("c"), 1, before);
        DateTimeOffset after = before + TimeSpan.FromSeconds(20);
        _fleet.Report(Report("b", 1), InstanceHealth.Ready, after);

        _fleet.Excuse(TimeSpan.FromSeconds(20), after);

        Assert.Empty(_fleet.Expire(after));
        Assert.Equal([InstanceHealth.Dead, InstanceHealth.Ready, InstanceHealth.Suspect], _fleet.Snapshot.Instances.Select(x => x.Health));
        Assert.Equal([Id("c")], _fleet.Expire(after + (2 * _options.ReportPeriod)).ToArray());
        Assert.Equal([Id("b")], _fleet.Expire(after + _options.DeadAfter).ToArray());
        Assert.Empty(_fleet.CheckIntegrity());
    }

    [Fact]
    public void A_report_brings_a_suspect_back()
    {
        _fleet.Register(Descriptor("a"), InstanceHealth.Ready, Start);
        _fleet.Expire(Start + _options.SuspectAfter);

        Assert.Equal(FleetVerdict.Accepted, _fleet.Report(Report("a", 1, running: 3), InstanceHealth.Ready, Start + _options.SuspectAfter));

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

        Assert.Equal(FleetVerdict.Accepted, _fleet.Report(Report("a", 4, running: 4), InstanceHealth.Ready, Start + TimeSpan.FromSeconds(1)));

        Assert.Equal(5, _fleet.Snapshot.Instances[0].Load.Running);
        Assert.Equal(Start + TimeSpan.FromSeconds(1), _fleet.Snapshot.Instances[0].Seen);
    }

    [Fact]
    public void Only_the_newest_epoch_is_heard()
    {
        _fleet.Register(Descriptor("a", epoch: 2), InstanceHealth.Ready, Start);

        Assert.False(_fleet.Register(Descriptor("a", epoch: 1), InstanceHealth.Ready, Start));
        Assert.Equal(FleetVerdict.Superseded, _fleet.Report(Report("a", 1, epoch: 1), InstanceHealth.Ready, Start));
        Assert.False(_fleet.Unregister(Id("a"), 1));
        Assert.True(_fleet.Register(Descriptor("a", epoch: 3), InstanceHealth.Ready, Start));
        Assert.Equal(FleetVerdict.Superseded, _fleet.Report(Report("a", 9, epoch: 2), InstanceHealth.Ready, Start));
        Assert.Equal(FleetVerdict.Accepted, _fleet.Report(Report("a", 1, epoch: 3), InstanceHealth.Ready, Start));
        Assert.Empty(_fleet.CheckIntegrity());
    }

    [Fact]
    public void An_unknown_instance_is_told_to_register_again()
    {
        Assert.Equal(FleetVerdict.Unknown, _fleet.Report(Report("a", 1), InstanceHealth.Ready, Start));
        _fleet.Register(Descriptor("a"), InstanceHealth.Ready, Start);
        Assert.True(_fleet.Unregister(Id("a"), 1));
        Assert.Equal(FleetVerdict.Unknown, _fleet.Report(Report("a", 2), InstanceHealth.Ready, Start));
    }

    [Fact]
    public void A_dead_epoch_is_not_heard_until_it_registers_again()
    {
        _fleet.Register(Descriptor("a"), InstanceHealth.Ready, Start);
        DateTimeOffset late = Start + _options.DeadAfter;
        _fleet.Expire(late);

        Assert.Equal(FleetVerdict.Dead, _fleet.Report(Report("a", 1), InstanceHealth.Ready, late));
        Assert.Equal(InstanceHealth.Dead, HealthOf("a"));
        Assert.True(_fleet.Register(Descriptor("a"), InstanceHealth.Ready, late));
        Assert.Equal(FleetVerdict.Accepted, _fleet.Report(Report("a", 2), InstanceHealth.Ready, late));

        Assert.Equal(InstanceHealth.Ready, HealthOf("a"));
        Assert.Empty(_fleet.CheckIntegrity());
    }

    [Fact]
    public void One_that_could_not_be_reached_is_suspect_at_once_and_dead_after_two_silent_periods()
    {
        _fleet.Register(Descriptor("a"), InstanceHealth.Ready, Start);
        _fleet.Doubt(Id("a"), 1, Start);

        Assert.Equal(InstanceHealth.Suspect, HealthOf("a"));
        Assert.Empty(_fleet.Expire(Start + (2 * _options.ReportPeriod) - TimeSpan.FromTicks(1)));
        Assert.Equal([Id("a")], _fleet.Expire(Start + (2 * _options.ReportPeriod)).ToArray());
        Assert.Equal(InstanceHealth.Dead, HealthOf("a"));
    }

    [Fact]
    public void One_that_reports_after_it_could_not_be_reached_lives_on()
    {
        _fleet.Register(Descriptor("a"), InstanceHealth.Ready, Start);
        _fleet.Doubt(Id("a"), 1, Start);
        _fleet.Doubt(Id("a"), 7, Start);
        _fleet.Doubt(Id("b"), 1, Start);
        _fleet.Report(Report("a", 1), InstanceHealth.Ready, Start + _options.ReportPeriod);

        Assert.Empty(_fleet.Expire(Start + (2 * _options.ReportPeriod)));
        Assert.Equal(InstanceHealth.Ready, HealthOf("a"));
    }

    [Fact]
    public void A_successor_gives_those_it_takes_over_their_whole_limit_and_the_dead_stay_dead()
    {
        _fleet.Register(Descriptor("a"), InstanceHealth.Ready, Start);
        _fleet.Register(Descriptor("b"), InstanceHealth.Ready, Start);
        _fleet.Report(Report("b", 4), InstanceHealth.Ready, Start + _options.DeadAfter);
        _fleet.Expire(Start + _options.DeadAfter);
        DateTimeOffset later = Start + (2 * _options.DeadAfter);
        var successor = new FleetState(_options, new FleetVersion(1000));

        successor.Adopt(_fleet.Snapshot.Instances, later);

        Assert.Empty(successor.Expire(later + _options.SuspectAfter - TimeSpan.FromTicks(1)));
        Assert.Equal([InstanceHealth.Dead, InstanceHealth.Ready], successor.Snapshot.Instances.Select(x => x.Health));
        Assert.Equal(FleetVerdict.Accepted, successor.Report(Report("b", 5), InstanceHealth.Ready, later));
        Assert.Equal(FleetVerdict.Dead, successor.Report(Report("a", 5), InstanceHealth.Ready, later));
        Assert.Empty(successor.CheckIntegrity());
    }

    private InstanceHealth HealthOf(string silo) => _fleet.Snapshot.Instances.Single(x => x.Descriptor.Id == Id(silo)).Health;
}
