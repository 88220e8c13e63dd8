namespace Orleans;

/// <summary>Takes part in a lifecycle; all such services are asked when it begins.</summary>
public interface ILifecycleParticipant<TLifecycleObservable>
    where TLifecycleObservable : ILifecycleObservable
{
    void Participate(TLifecycleObservable lifecycle);
}
