using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>Something an activation runs under admission: a request, or a tick of a timer.</summary>
internal abstract class WorkItem
{
    public abstract bool IsAlwaysInterleave { get; }

    public virtual bool IsReadOnly => false;

    public virtual Guid ReentrancyId => Guid.Empty;

    /// <summary>What a [MayInterleave] method sees.</summary>
    public abstract IInvokable Invokable { get; }

    /// <summary>Resets the idle time.</summary>
    public virtual bool KeepsAlive => true;

    /// <summary>Begins in a turn of the activation; never throws.</summary>
    public abstract Task RunAsync(Activation activation);
}
