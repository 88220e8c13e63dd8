using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Scheduling.Routing;
using static XLLM.Scheduling.Tests.Fleet.Instances;

namespace XLLM.Scheduling.Tests.Routing;

public sealed class FlightLedgerTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private readonly FlightLedger _ledger = new();
    private FleetSnapshot _fleet = Snapshot(Ready("p"), Ready("d"));

    [Fact]
    public void A_cancel_after_the_prefill_takes_the_prefill_off_once()
    {
        // xllm-service decrements the prefill counters again when a request is cancelled after its prefill has ended.
        Send("req-1", "p", "d", 100);
        Assert.True(_ledger.FirstToken(new RequestId("req-1")));
        Assert.Equal(default, _ledger.Of(Of("p")));
        Assert.Equal(new Assigned(0, 0, 1, 100), _ledger.Of(Of("d")));

        Assert.True(_ledger.Ended(new RequestId("req-1")));

        Assert.Equal(default, _ledger.Of(Of("p")));
        Assert.Equal(default, _ledger.Of(Of("d")));
        Assert.Equal(0, _ledger.Count);
    }

    [Fact]
    public void Each_step_counts_once_however_often_it_is_told()
    {
        Send("req-1", "p", "p", 100, hit: 32);
        Assert.Equal(new Assigned(1, 68), _ledger.Of(Of("p")));

        Assert.True(_ledger.FirstToken(new RequestId("req-1")));
        Assert.False(_ledger.FirstToken(new RequestId("req-1")));
        Assert.Equal(new Assigned(0, 0, 1, 100), _ledger.Of(Of("p")));
        Assert.True(_ledger.Ended(new RequestId("req-1")));
        Assert.False(_ledger.Ended(new RequestId("req-1")));
        Assert.False(_ledger.FirstToken(new RequestId("req-1")));

        Assert.Equal(default, _ledger.Of(Of("p")));
    }

    [Fact]
    public void A_failed_instance_takes_its_requests_off_every_counter()
    {
        // xllm-service never decrements anything for the requests of a failed instance.
        Send("req-1", "p", "d", 100);
        Send("req-2", "p", "p", 50);

        _ledger.Observe(Snapshot(Ready("p")), Start);

        Assert.Equal(1, _ledger.Count);
        Assert.Equal(new Assigned(1, 50), _ledger.Of(Of("p")));
        Assert.Equal(default, _ledger.Of(Of("d")));
    }

    [Fact]
    public void A_newer_report_replaces_what_the_ledger_assumed_but_not_what_is_yet_to_come()
    {
        Send("req-1", "p", "d", 100);
        _fleet = Snapshot(Newer("p", 2), Newer("d", 2));

        _ledger.Observe(_fleet, Start);

        Assert.Equal(default, _ledger.Of(Of("p")));
        Assert.Equal(new Assigned(0, 0, 1, 100), _ledger.Of(Of("d")));
        _ledger.FirstToken(new RequestId("req-1"));
        Assert.Equal(new Assigned(-1, -100), _ledger.Of(Of("p")));
        Assert.Equal(new Assigned(0, 0, 1, 100), _ledger.Of(Of("d")));
    }

    [Fact]
    public void A_second_run_of_a_request_replaces_the_first()
    {
        Send("req-1", "p", "d", 100);
        Send("req-1", "d", "d", 120);

        Assert.Equal(default, _ledger.Of(Of("p")));
        Assert.Equal(new Assigned(1, 120), _ledger.Of(Of("d")));
        Assert.Equal(1, _ledger.Count);
    }

    [Fact]
    public void A_group_has_a_home_while_samples_of_it_fly()
    {
        SampleGroup group = new("g", 2);
        Send("req-1", "d", "d", 100, group: group);
        Send("req-2", "d", "d", 100, group: group);

        _ledger.Ended(new RequestId("req-1"));
        Assert.Equal(Id("d"), _ledger.HomeOf(group));
        _ledger.Ended(new RequestId("req-2"));
        Assert.Null(_ledger.HomeOf(group));
    }

    [Fact]
    public void A_request_nobody_ends_is_forgotten_at_last()
    {
        Send("req-1", "p", "d", 100);

        _ledger.Observe(_fleet, Start.AddMinutes(9));
        Assert.Equal(1, _ledger.Count);
        _ledger.Observe(_fleet, Start.AddMinutes(10));

        Assert.Equal(0, _ledger.Count);
        Assert.Equal(default, _ledger.Of(Of("d")));
    }

    [Fact]
    public void After_any_history_all_counters_are_zero_again()
    {
        Random chance = new(11);
        for (int i = 0; i < 2000; i++)
        {
            var id = new RequestId($"req-{chance.Next(40)}");
            switch (chance.Next(5))
            {
                case 0 or 1:
                    Send(id.Value, chance.Next(2) == 0 ? "p" : "d", "d", 1 + chance.Next(500));
                    break;
                case 2:
                    _ledger.FirstToken(id);
                    break;
                default:
                    _ledger.Ended(id);
                    break;
            }
        }

        for (int i = 0; i < 40; i++)
        {
            _ledger.Ended(new RequestId($"req-{i}"));
        }

        Assert.Equal(default, _ledger.Of(Of("p")));
        Assert.Equal(default, _ledger.Of(Of("d")));
    }

    private static InstanceStatus Newer(string silo, long sequence) => Ready(silo) with { Load = Report(silo, sequence) };

    private InstanceStatus Of(string silo) => _fleet.Instances.FirstOrDefault(x => x.Descriptor.Id == Id(silo)) ?? Ready(silo);

    private void Send(string id, string prefill, string decode, int tokens, int hit = 0, SampleGroup? group = null)
    {
        RouteRequest request = new() { Request = new RequestId(id), Model = "demo", PromptTokens = tokens, Group = group };
        RoutePlan plan = new() { Prefill = Id(prefill), Decode = Id(decode), ExpectedHitTokens = hit };
        _ledger.Scheduled(request, plan, _fleet, Start);
    }
}
