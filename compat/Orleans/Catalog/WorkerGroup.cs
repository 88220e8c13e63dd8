namespace Orleans.Runtime;

/// <summary>
/// The activations of a stateless worker on this silo. A request goes to an idle one, a new one, or the least busy one.
/// </summary>
internal sealed class WorkerGroup(SiloNode silo, GrainClass grainClass, GrainId id, int maxWorkers)
{
    private readonly List<Activation> _workers = [];

    public Activation[] All
    {
        get
        {
            lock (_workers)
            {
                return [.. _workers];
            }
        }
    }

    public void Dispatch(Message message)
    {
        lock (_workers)
        {
            Choose(message).Enqueue(new RequestItem(message));
        }
    }

    public void Remove(Activation worker)
    {
        lock (_workers)
        {
            _workers.Remove(worker);
        }
    }

    private Activation Choose(Message message)
    {
        var idle = _workers.Find(w => w.Queue.IsIdle && !w.Deactivating.IsCancellationRequested);
        if (idle is not null)
        {
            return idle;
        }

        if (_workers.Count < maxWorkers)
        {
            var worker = new Activation(silo, grainClass, id, usesDirectory: false);
            _workers.Add(worker);
            worker.Start(message.Context, null);
            return worker;
        }

        return _workers.MinBy(w => w.Queue.WaitingCount)!;
    }
}
