namespace Orleans.Core;

/// <summary>A stored state.</summary>
public interface IStorage<TState> : IStorage
{
    TState State { get; set; }
}
