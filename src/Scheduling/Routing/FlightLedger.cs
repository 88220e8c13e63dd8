using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Scheduling.Prediction;

namespace XLLM.Scheduling.Routing;

/// <summary>
/// Remembers what a router sent where, and what of it is done, until a newer load report tells it: a burst between two reports is
/// spread and does not fall on the one instance that was idle at the last report. Each step of a request counts once however
/// often it is told, whatever it ends by. Not safe for several threads; its owner guards it.
/// </summary>
/// <param name="forgetAfter">A request whose end nobody tells is forgotten after so long; null = 10 minutes.</param>
public sealed class FlightLedger(TimeSpan? forgetAfter = null)
{
    private readonly TimeSpan _forgetAfter = forgetAfter ?? TimeSpan.FromMinutes(10);
    private readonly Dictionary<RequestId, Flight> _flights = [];
    private readonly Dictionary<InstanceId, Change> _changes = [];
    private readonly Dictionary<InstanceId, Assigned> _coming = [];
    private readonly Dictionary<string, (InstanceId Home, int Flights)> _groups = [];
    private DateTimeOffset _swept;

    /// <summary>Requests sent and not ended.</summary>
    public int Count => _flights.Count;

    /// <summary>How far first tokens came from where their plans expected them, all of the way there included.</summary>
    public PredictionError FirstTokens { get; } = new();

    /// <summary>Notes a request sent by a plan made from <paramref name="fleet"/>. An earlier run of it counts as ended.</summary>
    public void Scheduled(RouteRequest request, RoutePlan plan, FleetSnapshot fleet, DateTimeOffset now)
    {
        Ended(request.Request);
        Base(Find(fleet, plan.Prefill));
        Base(Find(fleet, plan.Decode));
        int prompt = request.PromptTokens + request.ResumedTokens;
        int computed = Math.Max(1, prompt - Math.Max(0, plan.ExpectedHitTokens));
        var flight = new Flight(plan.Prefill, plan.Decode, prompt, computed, request.Group?.Id, now)
        {
            ExpectedTtft = plan.ExpectedTtftSeconds,
        };
        _flights[request.Request] = flight;
        Add(flight.Prefill, flight.PrefillWork);
        if (flight.IsSplit)
        {
            _coming[flight.Decode] = _coming.GetValueOrDefault(flight.Decode) + flight.DecodeWork;
        }

        if (flight.Group is { } group)
        {
            _groups[group] = (plan.Decode, _groups.GetValueOrDefault(group).Flights + 1);
        }
    }

    /// <summary>
    /// The request's first token has come; the time judges what its plan expected. False: it is not known, or this was told before;
    /// nothing changes.
    /// </summary>
    public bool FirstToken(RequestId request, DateTimeOffset? now = null)
    {
        if (!_flights.TryGetValue(request, out Flight? flight) || flight.Decoding)
        {
            return false;
        }

        flight.Decoding = true;
        if (now is { } at && at > flight.Sent && double.IsFinite(flight.ExpectedTtft))
        {
            FirstTokens.Add(flight.ExpectedTtft, (at - flight.Sent).TotalSeconds);
        }

        Add(flight.Prefill, default(Assigned) - flight.PrefillWork);
        Arrive(flight);
        Add(flight.Decode, flight.DecodeWork);
        return true;
    }

    /// <summary>
    /// The request ended, in whatever way and at whatever point. False: it is not known, or this was told before; nothing changes.
    /// </summary>
    public bool Ended(RequestId request)
    {
        if (!_flights.Remove(request, out Flight? flight))
        {
            return false;
        }

        if (flight.Decoding)
        {
            Add(flight.Decode, default(Assigned) - flight.DecodeWork);
        }
        else
        {
            Add(flight.Prefill, default(Assigned) - flight.PrefillWork);
            Arrive(flight);
        }

        if (flight.Group is { } group && _groups.TryGetValue(group, out (InstanceId Home, int Flights) known))
        {
            if (known.Flights > 1)
            {
                _groups[group] = known with { Flights = known.Flights - 1 };
            }
            else
            {
                _groups.Remove(group);
            }
        }

        return true;
    }

    /// <summary>What changed since the report that <paramref name="instance"/> shows.</summary>
    public Assigned Of(InstanceStatus instance)
    {
        InstanceId id = instance.Descriptor.Id;
        Assigned coming = _coming.GetValueOrDefault(id);
        return _changes.TryGetValue(id, out Change? change) && change.IsOf(instance) ? change.Sum + coming : coming;
    }

    /// <summary>Instance that has samples of the group in flight, or null.</summary>
    public InstanceId? HomeOf(SampleGroup group) => _groups.TryGetValue(group.Id, out var known) ? known.Home : null;

    /// <summary>
    /// Takes a newer snapshot: instances with a newer report begin anew, those that are gone or restarted take their requests with
    /// them, and requests nobody ended are forgotten.
    /// </summary>
    public void Observe(FleetSnapshot snapshot, DateTimeOffset now)
    {
        Dictionary<InstanceId, InstanceStatus> present = snapshot.Instances.ToDictionary(x => x.Descriptor.Id);
        HashSet<InstanceId> lost = [];
        foreach ((InstanceId id, Change change) in _changes)
        {
            if (!present.TryGetValue(id, out InstanceStatus? status) || status.Descriptor.Epoch != change.Epoch)
            {
                lost.Add(id);
            }
            else if (!change.IsOf(status))
            {
                change.Restart(status);
            }
        }

        bool sweep = now - _swept >= _forgetAfter / 10;
        if (lost.Count > 0 || sweep)
        {
            foreach ((RequestId request, Flight flight) in _flights.ToArray())
            {
                if (lost.Contains(flight.Prefill) || lost.Contains(flight.Decode) || now - flight.Sent >= _forgetAfter)
                {
                    Ended(request);
                }
            }

            _swept = sweep ? now : _swept;
        }

        foreach (InstanceId id in lost)
        {
            _changes.Remove(id);
            _coming.Remove(id);
        }
    }

    private static InstanceStatus Find(FleetSnapshot fleet, InstanceId id) =>
        fleet.Instances.First(x => x.Descriptor.Id == id);

    // Work counts from the report the plan was made from.
    private void Base(InstanceStatus instance)
    {
        if (!_changes.TryGetValue(instance.Descriptor.Id, out Change? change))
        {
            _changes[instance.Descriptor.Id] = new Change(instance);
        }
        else if (!change.IsOf(instance))
        {
            change.Restart(instance);
        }
    }

    private void Add(InstanceId instance, Assigned work)
    {
        if (_changes.TryGetValue(instance, out Change? change))
        {
            change.Sum += work;
        }
    }

    private void Arrive(Flight flight)
    {
        if (flight.IsSplit)
        {
            Assigned left = _coming.GetValueOrDefault(flight.Decode) - flight.DecodeWork;
            if (left == default)
            {
                _coming.Remove(flight.Decode);
            }
            else
            {
                _coming[flight.Decode] = left;
            }
        }
    }

    private sealed class Change(InstanceStatus status)
    {
        private long _sequence = status.Load.Sequence;

        public long Epoch { get; private set; } = status.Descriptor.Epoch;

        public Assigned Sum { get; set; }

        public bool IsOf(InstanceStatus status) => status.Descriptor.Epoch == Epoch && status.Load.Sequence == _sequence;

        public void Restart(InstanceStatus status) =>
            (Epoch, _sequence, Sum) = (status.Descriptor.Epoch, status.Load.Sequence, default);
    }
}
