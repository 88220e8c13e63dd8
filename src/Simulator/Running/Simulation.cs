using System.ComponentModel.DataAnnotations;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Routing;
using XLLM.Simulator.Devices;
using XLLM.Simulator.Load;
using XLLM.Simulator.Results;

namespace XLLM.Simulator.Running;

/// <summary>
/// One run of a load over a fleet, event by event, with the router's own code. The same options and load give the same result; no
/// clock is read.
/// </summary>
public sealed partial class Simulation
{
    private readonly SimulationOptions _options;
    private readonly PriorityQueue<SimEvent, (double Time, long Order)> _events = new();
    private readonly SimInstance[] _instances;
    private readonly Dictionary<InstanceId, int> _numbers = [];
    private readonly SimRequest[] _requests;
    private readonly SimRouter _router;
    private readonly InstanceStatus?[] _statuses;
    private readonly List<SimRequest> _unplanned = [];
    private readonly List<SimRequest> _finished = [];
    private readonly List<SimRequest> _prefilled = [];
    private readonly RunCounts _counts = new();
    private long _order;
    private long _version;
    private int _next;
    private int _done;
    private int _missed;
    private double _now;

    private Simulation(SimulationOptions options, IReadOnlyList<SimArrival> load)
    {
        _options = options;
        _requests = [.. load.Select((a, i) => new SimRequest(i, a))];
        _router = new SimRouter(options);
        _instances = new SimInstance[options.Instances];
        _statuses = new InstanceStatus?[options.Instances];
        LatencyProfile profile = StartProfile.Of(options.Device);
        for (int i = 0; i < options.Instances; i++)
        {
            _instances[i] = new SimInstance(Describe(i, 1, profile), options.Device, options.Chunk);
            _numbers[_instances[i].Id] = i;
        }
    }

    /// <summary>Runs the load to its end.</summary>
    /// <param name="options">The fleet.</param>
    /// <param name="load">Requests ordered by time, at least one.</param>
    /// <param name="cancellation">Stops between two events.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or the load is empty or not in order.</exception>
    public static SimulationResult Run(
        SimulationOptions options, IReadOnlyList<SimArrival> load, CancellationToken cancellation = default)
    {
        string[] faults = [.. options.Validate(new ValidationContext(options)).Select(f => f.ErrorMessage!)];
        if (faults.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", faults), nameof(options));
        }

        if (load.Count == 0 || load.Zip(load.Skip(1)).Any(p => p.Second.Seconds < p.First.Seconds))
        {
            throw new ArgumentException("The load needs at least one request, and they must be ordered by time.", nameof(load));
        }

        return new Simulation(options, load).Go(cancellation);
    }

    private SimulationResult Go(CancellationToken cancellation)
    {
        foreach (SimFailure failure in _options.Failures)
        {
            Schedule(failure.Seconds, new SimEvent(SimEventKind.Failure, failure.Instance, 0, null, 0));
            Schedule(failure.Seconds + _options.DetectSeconds, new SimEvent(SimEventKind.Detection, failure.Instance, 0, null, 0));
            if (double.IsFinite(failure.BackAfterSeconds))
            {
                Schedule(failure.Seconds + failure.BackAfterSeconds, new SimEvent(SimEventKind.Return, failure.Instance, 0, null, 0));
            }
        }

        Schedule(_requests[0].Arrival, new SimEvent(SimEventKind.Arrival, 0, 0, null, 0));
        Report();
        double allowed = _options.AbortBelow > 0 ? (1 - _options.AbortBelow) * _requests.Length : double.PositiveInfinity;
        long events = 0;
        while (_done < _requests.Length && _missed <= allowed
            && _events.TryDequeue(out SimEvent next, out (double Time, long Order) at))
        {
            if ((++events & 0xFFFF) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            _now = at.Time;
            Happen(next);
        }

        double busy = _instances.Sum(i => i.BusySeconds);
        return SimulationResult.Of(_options, _requests, _counts, _router.Pools, _now, busy, _missed > allowed);
    }

    private void Happen(SimEvent e)
    {
        switch (e.Kind)
        {
            case SimEventKind.Arrival:
                SimRequest request = _requests[_next++];
                if (_next < _requests.Length)
                {
                    Schedule(_requests[_next].Arrival, e);
                }

                Place(request);
                break;
            case SimEventKind.StepEnd when _instances[e.Instance] is { IsAlive: true } instance && instance.Descriptor.Epoch == e.Epoch:
                EndStep(e.Instance);
                break;
            case SimEventKind.KvArrived when e.Request is { } arrived && arrived.Run == e.Run:
                KvArrived(arrived);
                break;
            case SimEventKind.Report:
                Report();
                break;
            case SimEventKind.Failure:
                Fail(e.Instance);
                break;
            case SimEventKind.Detection:
                Detect(e.Instance);
                break;
            case SimEventKind.Return:
                Return(e.Instance);
                break;
        }
    }

    private void Place(SimRequest request)
    {
        if (_router.Plan(request, _now) is not { } plan)
        {
            _unplanned.Add(request);
            return;
        }

        _counts.Planned(plan);
        Start(request, plan);
    }

    private void Start(SimRequest request, RoutePlan plan)
    {
        request.Plan = plan;
        int all = request.PromptTokens + request.Generated;
        int blockTokens = _options.Device.BlockTokens;
        int whole = plan.IsMixed ? 0 : all / blockTokens * blockTokens;
        request.IsPush = whole > 0;
        request.HeldTokens = request.KvTokens = 0;
        request.Remaining = request.IsPush ? whole : all;
        Enqueue(_numbers[request.IsPush ? plan.Prefill : plan.Decode], request);
    }

    private void Enqueue(int number, SimRequest request)
    {
        SimInstance instance = _instances[number];
        if (!instance.IsAlive)
        {
            // Sent to an instance whose death is not known yet.
            Lose(request);
            return;
        }

        instance.Enqueue(request);
        Begin(number);
    }

    private void Begin(int number)
    {
        SimInstance instance = _instances[number];
        if (!instance.IsBusy && instance.Begin(_now, Slowness()) is { } end)
        {
            Schedule(end, new SimEvent(SimEventKind.StepEnd, number, instance.Descriptor.Epoch, null, 0));
        }
    }

    // Instances that share processors slow each other down; a step goes on as fast as it began.
    private double Slowness()
    {
        int busy = 1;
        for (int i = 0; _options.Processors > 0 && i < _instances.Length; i++)
        {
            busy += _instances[i] is { IsAlive: true, IsBusy: true } ? 1 : 0;
        }

        return _options.Processors > 0 ? Math.Max(1, busy / _options.Processors) : 1;
    }

    private void EndStep(int number)
    {
        SimInstance instance = _instances[number];
        _finished.Clear();
        _prefilled.Clear();
        instance.End(_now, _finished, _prefilled);
        foreach (SimRequest request in _finished)
        {
            Finish(request);
        }

        foreach (SimRequest request in _prefilled)
        {
            if (request.IsPush)
            {
                instance.Leave(request);
                Push(instance, request);
            }
            else
            {
                Token(instance, request);
            }
        }

        Begin(number);
    }

    // Blocks were pushed while it computed: what is left is the last step's part, or what the link could not keep up with.
    private void Push(SimInstance from, SimRequest request)
    {
        double blocks = request.KvTokens / (double)_options.Device.BlockTokens;
        double copying = blocks * _options.Device.BlockBytes / _options.Device.TransferBytesPerSecond;
        double last = copying * Math.Min(1, _options.Device.StepTokens / (double)Math.Max(1, request.KvTokens));
        double end = Math.Max(Math.Max(from.LinkFree, request.Started) + copying, _now + last);
        from.LinkFree = end;
        Schedule(end + _options.Device.TransferDelaySeconds, new SimEvent(SimEventKind.KvArrived, 0, 0, request, request.Run));
    }

    private void KvArrived(SimRequest request)
    {
        int all = request.PromptTokens + request.Generated;
        request.IsPush = false;

        // At least one token is computed here: its logits are the next token.
        request.HeldTokens = Math.Min(request.KvTokens, all - 1);
        request.KvTokens = request.HeldTokens;
        request.Remaining = all - request.HeldTokens;
        Enqueue(_numbers[request.Plan!.Decode], request);
    }

    private void Token(SimInstance instance, SimRequest request)
    {
        request.Generated++;
        if (double.IsNaN(request.FirstToken))
        {
            request.FirstToken = _now;
            instance.NoteTtft(request.TtftSeconds);
            _counts.Predicted(request.Plan!, request.TtftSeconds, request.Run);
            if (request.TtftSeconds > _options.Ttft)
            {
                _missed++;
            }
        }

        if (!double.IsNaN(request.LostAt))
        {
            request.Gap = Math.Max(request.Gap, _now - request.LostAt);
            request.LostAt = double.NaN;
        }

        _router.FirstToken(request, _now);
        if (request.Generated == request.OutputTokens)
        {
            instance.Leave(request);
            Finish(request);
        }
        else
        {
            instance.Decode(request);
        }
    }

    private void Finish(SimRequest request)
    {
        request.Finish = _now;
        _done++;
        if (request.TtftSeconds <= _options.Ttft && request.TpotSeconds > _options.Tpot)
        {
            _missed++;
        }

        _router.Ended(request);
    }

    private void Report()
    {
        for (int i = 0; i < _instances.Length; i++)
        {
            if (_instances[i].IsAlive)
            {
                _statuses[i] = new InstanceStatus
                {
                    Descriptor = _instances[i].Descriptor, Health = InstanceHealth.Ready, Load = _instances[i].Report(),
                    Seen = SimRouter.Time(_now),
                };
            }
        }

        Publish();
        Schedule(_now + _options.ReportSeconds, new SimEvent(SimEventKind.Report, 0, 0, null, 0));
        if (_unplanned.Count > 0)
        {
            SimRequest[] again = [.. _unplanned];
            _unplanned.Clear();
            foreach (SimRequest request in again)
            {
                Place(request);
            }
        }
    }

    private void Publish() => _router.Observe(
        new FleetSnapshot { Version = new FleetVersion(++_version), Instances = [.. _statuses.OfType<InstanceStatus>()] }, _now);

    private void Schedule(double time, SimEvent e) => _events.Enqueue(e, (time, _order++));

    private InstanceDescriptor Describe(int number, long epoch, LatencyProfile profile)
    {
        InstanceId id = new($"sim-{number:0000}/device0");
        return new InstanceDescriptor
        {
            Id = id,
            Epoch = epoch,
            Model = new ModelCard { Name = SimRouter.Model, Family = "sim", Path = "sim", ContextLength = 1 << 20, VocabularySize = 1 << 16 },
            Role = _options.Policy.RoleOf(number),
            Device = _options.Device.Name,
            BlockTokens = _options.Device.BlockTokens,
            TotalBlocks = _options.Device.TotalBlocks,
            MaxRunning = _options.Device.MaxRunning,
            MaxWaiting = int.MaxValue,
            Profile = profile,
            Kv = new KvEndpoint
            {
                Instance = id, Epoch = epoch, Host = id.SiloName, Layout = _options.Device.Name, BlockBytes = _options.Device.BlockBytes,
                Capabilities = KvCapabilities.Tcp,
            },
        };
    }
}
