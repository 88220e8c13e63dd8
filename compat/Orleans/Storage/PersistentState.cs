using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>A stored state of an activation: read when it starts, unless it came along from another silo.</summary>
internal sealed class PersistentState<TState> : IPersistentState<TState>, ILifecycleObserver, IGrainMigrationParticipant
{
    private readonly string _name;
    private readonly GrainId _grainId;
    private readonly IGrainStorage _storage;
    private GrainState<TState> _record = new(StateActivator.Create<TState>());
    private bool _isMoved;

    public PersistentState(string name, IGrainContext context, IGrainStorage storage)
    {
        _name = name;
        _grainId = context.GrainId;
        _storage = storage;
        context.ObservableLifecycle.Subscribe(name, GrainLifecycleStage.SetupState, this);
        context.ObservableLifecycle.AddMigrationParticipant(this);
    }

    public TState State
    {
        get => _record.State!;
        set => _record.State = value;
    }

    public string? Etag => _record.ETag;

    public bool RecordExists => _record.RecordExists;

    private string Key => $"state.{_name}";

    public Task ReadStateAsync() => _storage.ReadStateAsync(_name, _grainId, _record);

    public Task WriteStateAsync() => _storage.WriteStateAsync(_name, _grainId, _record);

    public Task ClearStateAsync() => _storage.ClearStateAsync(_name, _grainId, _record);

    public Task OnStart(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _isMoved ? Task.CompletedTask : ReadStateAsync();
    }

    public Task OnStop(CancellationToken cancellationToken) => Task.CompletedTask;

    public void OnDehydrate(IDehydrationContext dehydrationContext) => dehydrationContext.TryAddValue(Key, _record);

    public void OnRehydrate(IRehydrationContext rehydrationContext)
    {
        if (rehydrationContext.TryGetValue<GrainState<TState>>(Key, out var record) && record is not null)
        {
            _record = record;
            _isMoved = true;
        }
    }
}
