using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;

namespace XLLM.Scheduling.Fleet;

/// <summary>
/// The registry of instances. Every change makes a new snapshot one version higher. Pure: time comes with each call and never
/// goes back. Not safe for several threads; its owner guards it.
/// </summary>
/// <param name="options">Limits of silence.</param>
/// <param name="start">Version to count from; a successor of a lost registry starts above it, so versions never go back.</param>
public sealed class FleetState(FleetOptions options, FleetVersion start)
{
    private readonly SortedDictionary<string, InstanceStatus> _instances = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _doubts = [];

    public FleetSnapshot Snapshot { get; private set; } = new() { Version = start };

    /// <summary>
    /// Takes over what a lost predecessor knew, so that nobody is missing until it has reported again. Each that was alive has its
    /// whole limit of silence from now on.
    /// </summary>
    public void Adopt(IEnumerable<InstanceStatus> known, DateTimeOffset now)
    {
        // One that drains may have left since; it registers again with its next report when it has not.
        foreach (InstanceStatus status in known.Where(x => x.Health != InstanceHealth.Draining))
        {
            _instances[status.Descriptor.Id.Value] = status.Health == InstanceHealth.Dead ? status : status with { Seen = now };
        }

        Publish();
    }

    /// <summary>
    /// Registers an instance or a new epoch of it. False: a newer epoch is registered; nothing changed. An epoch that counts as dead
    /// comes back by this and by nothing else.
    /// </summary>
    public bool Register(InstanceDescriptor descriptor, InstanceHealth health, DateTimeOffset now)
    {
        if (_instances.TryGetValue(descriptor.Id.Value, out InstanceStatus? known))
        {
            if (known.Descriptor.Epoch > descriptor.Epoch)
            {
                return false;
            }

            _doubts.Remove(descriptor.Id.Value);
            if (known.Descriptor.Epoch == descriptor.Epoch)
            {
                Put(known with { Descriptor = descriptor, Health = health, Seen = now });
                return true;
            }
        }

        Put(new InstanceStatus
        {
            Descriptor = descriptor,
            Health = health,
            Load = new LoadReport
            {
                Instance = descriptor.Id,
                Epoch = descriptor.Epoch,
                FreeBlocks = descriptor.TotalBlocks,
                TotalBlocks = descriptor.TotalBlocks,
            },
            Seen = now,
        });
        return true;
    }

    /// <summary>
    /// A heartbeat. A report that is not newer than the last one counts as a sign of life and changes nothing else. Without
    /// <see cref="FleetVerdict.Accepted"/> nothing changed.
    /// </summary>
    public FleetVerdict Report(LoadReport report, InstanceHealth health, DateTimeOffset now)
    {
        if (!_instances.TryGetValue(report.Instance.Value, out InstanceStatus? known) || known.Descriptor.Epoch < report.Epoch)
        {
            return FleetVerdict.Unknown;
        }

        if (known.Descriptor.Epoch > report.Epoch)
        {
            return FleetVerdict.Superseded;
        }

        if (known.Health == InstanceHealth.Dead)
        {
            return FleetVerdict.Dead;
        }

        _doubts.Remove(report.Instance.Value);
        LoadReport load = report.Sequence > known.Load.Sequence ? report : known.Load;
        Put(known with { Health = health, Load = load, Seen = now });
        return FleetVerdict.Accepted;
    }

    /// <summary>
    /// Somebody could not reach the instance: a ready one is suspect at once, and any is dead when it is silent for two report
    /// periods from now on. No effect on another epoch.
    /// </summary>
    public void Doubt(InstanceId instance, long epoch, DateTimeOffset now)
    {
        if (!_instances.TryGetValue(instance.Value, out InstanceStatus? known) || known.Descriptor.Epoch != epoch
            || known.Health == InstanceHealth.Dead || !_doubts.TryAdd(instance.Value, now))
        {
            return;
        }

        if (known.Health == InstanceHealth.Ready)
        {
            Put(known with { Health = InstanceHealth.Suspect });
        }
    }

    /// <summary>Removes an instance that left in an orderly way. False: this epoch is not registered.</summary>
    public bool Unregister(InstanceId instance, long epoch)
    {
        if (!_instances.TryGetValue(instance.Value, out InstanceStatus? known) || known.Descriptor.Epoch != epoch)
        {
            return false;
        }

        _instances.Remove(instance.Value);
        _doubts.Remove(instance.Value);
        Publish();
        return true;
    }

    /// <summary>Applies silence up to <paramref name="now"/>. Returns the instances that died by it.</summary>
    public ImmutableArray<InstanceId> Expire(DateTimeOffset now)
    {
        ImmutableArray<InstanceId> died = [];
        bool changed = false;
        foreach (InstanceStatus status in _instances.Values.ToArray())
        {
            TimeSpan silence = now - status.Seen;
            if (silence >= options.ForgetAfter)
            {
                _instances.Remove(status.Descriptor.Id.Value);
                changed = true;
            }

            InstanceHealth health = AfterSilence(status, silence, now);
            if (health == status.Health)
            {
                continue;
            }

            if (health == InstanceHealth.Dead)
            {
                died = died.Add(status.Descriptor.Id);
            }

            if (silence < options.ForgetAfter)
            {
                _instances[status.Descriptor.Id.Value] = status with { Health = health };
                changed = true;
            }
        }

        if (changed)
        {
            Publish();
        }

        return died;
    }

    /// <summary>
    /// The registry itself did nothing for <paramref name="stall"/> until <paramref name="now"/> (its process was stopped, or had no
    /// core): silence of that time proves nothing about anybody. Dead instances stay dead.
    /// </summary>
    public void Excuse(TimeSpan stall, DateTimeOffset now)
    {
        foreach (InstanceStatus status in _instances.Values.Where(x => x.Health != InstanceHealth.Dead).ToArray())
        {
            DateTimeOffset seen = status.Seen + stall;
            _instances[status.Descriptor.Id.Value] = status with { Seen = seen < now ? seen : now };
        }

        foreach ((string instance, DateTimeOffset since) in _doubts.ToArray())
        {
            _doubts[instance] = since + stall < now ? since + stall : now;
        }

        Publish();
    }

    /// <summary>Faults of the registry's own bookkeeping; empty = sound.</summary>
    public IReadOnlyList<string> CheckIntegrity()
    {
        List<string> faults = [];
        foreach ((string key, InstanceStatus status) in _instances)
        {
            if (key != status.Descriptor.Id.Value)
            {
                faults.Add($"fleet: {status.Descriptor.Id} is filed under {key}");
            }

            if (status.Load.Instance != status.Descriptor.Id || status.Load.Epoch != status.Descriptor.Epoch)
            {
                faults.Add($"fleet: the load of {status.Descriptor.Id} is of {status.Load.Instance} epoch {status.Load.Epoch}");
            }
        }

        if (!Snapshot.Instances.SequenceEqual(_instances.Values))
        {
            faults.Add("fleet: the snapshot differs from the registry");
        }

        return faults;
    }

    private InstanceHealth AfterSilence(InstanceStatus status, TimeSpan silence, DateTimeOffset now)
    {
        bool doubted = _doubts.TryGetValue(status.Descriptor.Id.Value, out DateTimeOffset since)
            && now - since >= 2 * options.ReportPeriod;
        if (silence >= options.DeadAfter || doubted)
        {
            _doubts.Remove(status.Descriptor.Id.Value);
            return InstanceHealth.Dead;
        }

        return silence >= options.SuspectAfter && status.Health == InstanceHealth.Ready ? InstanceHealth.Suspect : status.Health;
    }

    private void Put(InstanceStatus status)
    {
        _instances[status.Descriptor.Id.Value] = status;
        Publish();
    }

    private void Publish() => Snapshot = new FleetSnapshot
    {
        Version = new FleetVersion(Snapshot.Version.Value + 1),
        Instances = [.. _instances.Values],
    };
}
