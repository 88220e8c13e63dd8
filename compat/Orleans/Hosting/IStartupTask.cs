namespace Orleans.Runtime;

/// <summary>Runs when a silo has started.</summary>
public interface IStartupTask
{
    Task Execute(CancellationToken cancellationToken);
}
