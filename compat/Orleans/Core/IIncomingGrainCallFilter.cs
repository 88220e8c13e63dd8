namespace Orleans;

/// <summary>Runs around calls at the grain.</summary>
public interface IIncomingGrainCallFilter
{
    Task Invoke(IIncomingGrainCallContext context);
}
