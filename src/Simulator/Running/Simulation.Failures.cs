using XLLM.Contracts.Fleet;
using XLLM.Contracts.Routing;
using XLLM.Scheduling.Recovery;
using XLLM.Simulator.Devices;

namespace XLLM.Simulator.Running;

/// <summary>Instances that die and come back.</summary>
public sealed partial class Simulation
{
    private readonly List<SimRequest> _lost = [];

    private void Fail(int number)
    {
        if (!_instances[number].IsAlive)
        {
            return;
        }

        HashSet<SimRequest> here = [.. _instances[number].Die()];
        string id = _instances[number].Id.Value;

        // Beside those in its queue and batch: prompts whose KV is on its way to it or was to be pushed to it later.
        foreach (SimRequest request in _requests.Take(_next).Where(r => double.IsNaN(r.Finish)))
        {
            bool bound = request.Plan is { } plan && plan.Decode.Value == id && !request.IsPush && !_lost.Contains(request);
            if (here.Contains(request) || bound)
            {
                Lose(request);
            }
        }
    }

    private void Lose(SimRequest request)
    {
        request.Run++;
        request.LostAt = double.IsNaN(request.LostAt) ? _now : request.LostAt;
        bool known = request.Plan is { } plan && _statuses[_numbers[plan.Decode]] is null;
        request.Plan = null;
        _lost.Add(request);
        _counts.Interrupted++;
        if (known)
        {
            Schedule(_now, new SimEvent(SimEventKind.Detection, 0, 0, null, 0));
        }
    }

    private void Detect(int number)
    {
        if (!_instances[number].IsAlive)
        {
            _statuses[number] = null;
            Publish();
        }

        SimRequest[] lost = [.. _lost];
        _lost.Clear();
        Dictionary<string, SimRequest> byId = lost.ToDictionary(r => r.Id.Value);
        foreach (RecoveryDecision decision in _router.Recover(lost, _now))
        {
            SimRequest request = byId[decision.Request.Value];
            request.Started = double.NaN;
            if (decision.Target is not { } target)
            {
                _unplanned.Add(request);
                continue;
            }

            // A static split takes prompts on its prefill instances only, so there the planner chooses both again.
            if (_options.Policy.PrefillInstances is not null)
            {
                Place(request);
                continue;
            }

            RoutePlan plan = RoutePlan.Mixed(target, _router.Fleet.Version, decision.KeptTokens, "recovery");
            _router.Resumed(request, plan, _now);
            Start(request, plan);
        }
    }

    private void Return(int number)
    {
        SimInstance old = _instances[number];
        _instances[number] = new SimInstance(
            Describe(number, old.Descriptor.Epoch + 1, StartProfile.Of(_options.Device)), _options.Device, _options.Chunk);
        _statuses[number] = new InstanceStatus
        {
            Descriptor = _instances[number].Descriptor, Health = InstanceHealth.Ready, Load = _instances[number].Report(),
        };
        Publish();
    }
}
