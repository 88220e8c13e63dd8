using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>A node's observers, held weakly.</summary>
internal sealed class LocalObjectTable(Node node)
{
    private readonly ConcurrentDictionary<GrainId, LocalObject> _objects = new();

    public GrainId Add(IGrainObserver observer)
    {
        var id = ObserverIds.Create(node.Address, Guid.NewGuid());
        _objects[id] = new LocalObject(node, observer);
        return id;
    }

    public void Remove(GrainId id) => _objects.TryRemove(id, out _);

    /// <summary>A message to an observer that is gone is dropped: its sender, if it waits, times out.</summary>
    public void Dispatch(Message message)
    {
        if (!_objects.TryGetValue(message.TargetGrain, out var observer))
        {
            node.Logger.LogWarning("No observer {Id} on {Node}; dropped: {Message}", message.TargetGrain, node.Address, message);
        }
        else if (message.Kind == MessageKind.Cancel)
        {
            observer.Cancel(message);
        }
        else if (!observer.TryEnqueue(message))
        {
            node.Logger.LogWarning("Observer {Id} has been collected; dropped: {Message}", message.TargetGrain, message);
            Remove(message.TargetGrain);
        }
    }
}
