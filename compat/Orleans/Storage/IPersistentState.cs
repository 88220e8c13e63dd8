using Orleans.Core;

namespace Orleans.Runtime;

/// <summary>A stored state of a grain, injected by <see cref="PersistentStateAttribute"/>; read before OnActivateAsync.</summary>
public interface IPersistentState<TState> : IStorage<TState>;
