using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>The activations of a silo.</summary>
internal sealed class Catalog(SiloNode silo)
{
    private readonly ConcurrentDictionary<GrainId, Activation> _activations = new();
    private readonly ConcurrentDictionary<GrainId, WorkerGroup> _workers = new();
    private volatile bool _isClosed;

    public bool IsClosed => _isClosed;

    public IEnumerable<Activation> All => _activations.Values.Concat(_workers.Values.SelectMany(g => g.All));

    public Activation? Find(GrainId id) => _activations.GetValueOrDefault(id);

    /// <summary>Makes no new activation from now on.</summary>
    public void Close() => _isClosed = true;

    /// <summary>Gives a request to its activation, which is made when missing. False = none may be made here.</summary>
    public bool TryDispatch(Message message)
    {
        var grainClass = silo.Classes.Find(message.TargetGrain.Type)
            ?? throw new ArgumentException($"Could not find an implementation for grain type '{message.TargetGrain.Type}'.");
        var strategy = silo.Placement.StrategyOf(grainClass);
        if (strategy is StatelessWorkerPlacement workers)
        {
            if (_isClosed && !_workers.ContainsKey(message.TargetGrain))
            {
                return false;
            }

            _workers.GetOrAdd(message.TargetGrain, id => new WorkerGroup(silo, grainClass, id,
                workers.MaxLocal)).Dispatch(message);
            return true;
        }

        if (Find(message.TargetGrain) is not { } activation)
        {
            if (_isClosed)
            {
                return false;
            }

            activation = GetOrStart(grainClass, message.TargetGrain, strategy.IsUsingGrainDirectory, message.Context, null);
        }

        activation.Enqueue(new RequestItem(message));
        return true;
    }

    /// <summary>Makes the activation of a grain that moves here; one that is already here stays as it is.</summary>
    public Activation AcceptMoved(GrainId id, MigrationContext moved)
    {
        if (_isClosed)
        {
            throw new OrleansException($"Silo {silo.Address} stops and takes no activations.");
        }

        var grainClass = silo.Classes.Find(id.Type)
            ?? throw new ArgumentException($"Could not find an implementation for grain type '{id.Type}'.");
        return GetOrStart(grainClass, id, usesDirectory: true, null, moved);
    }

    public void Cancel(Message cancel)
    {
        if (Find(cancel.TargetGrain) is { } activation)
        {
            activation.Cancel(cancel);
        }
        else if (_workers.TryGetValue(cancel.TargetGrain, out var group))
        {
            foreach (var worker in group.All)
            {
                worker.Cancel(cancel);
            }
        }
    }

    public void Remove(Activation activation)
    {
        _activations.TryRemove(new KeyValuePair<GrainId, Activation>(activation.GrainId, activation));
        if (_workers.TryGetValue(activation.GrainId, out var group))
        {
            group.Remove(activation);
        }
    }

    /// <summary>Ends activations that have been idle for their class's time, or for <paramref name="age"/>.</summary>
    public Task CollectAsync(TimeSpan? age)
    {
        var idle =
            All.Where(a => AgeOf(a) is var limit && limit != Timeout.InfiniteTimeSpan && a.IsCollectable(age ?? limit)).ToArray();
        return Task.WhenAll(idle.Select(a => a.DeactivateAsync(
            new DeactivationReason(DeactivationReasonCode.ActivationIdle, "The activation was idle."))));
    }

    public Task DeactivateAllAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        Task.WhenAll(All.Select(a => a.DeactivateAsync(reason, cancellationToken)));

    private Activation GetOrStart(
        GrainClass grainClass, GrainId id, bool usesDirectory, Dictionary<string, object>? context, MigrationContext? moved)
    {
        var made = new Activation(silo, grainClass, id, usesDirectory);
        var activation = _activations.GetOrAdd(id, made);
        if (ReferenceEquals(activation, made))
        {
            made.Start(context, moved);
        }

        return activation;
    }

    private TimeSpan AgeOf(Activation activation) =>
        activation.Class.CollectionAge
        ?? (silo.Collection.ClassSpecificCollectionAge.TryGetValue(activation.Class.Type.FullName!, out var age)
            ? age
            : silo.Collection.CollectionAge);
}
