using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Core.Internal;

namespace Orleans.Runtime;

/// <summary>One activation of a grain on this silo: its turns, its requests, its life.</summary>
internal sealed class Activation : IGrainContext, ICallChainReentrantGrainContext
{
    private readonly Lock _gate = new();
    private readonly ComponentTable _components = new();
    private readonly CancellationTokenSource _deactivating = new();
    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AsyncServiceScope _scope;
    private readonly Extensions _extensions;
    private readonly TurnScheduler _scheduler;
    private readonly GrainLifecycle _lifecycle;
    private ActivationState _state = ActivationState.Starting;
    private (DeactivationReason Reason, CancellationToken Token)? _deactivation;
    private GrainReference? _reference;
    private long _lastActive = Environment.TickCount64;
    private long _keepUntil;
    private int _finishing;

    public Activation(SiloNode silo, GrainClass grainClass, GrainId id, bool usesDirectory)
    {
        Silo = silo;
        Class = grainClass;
        UsesDirectory = usesDirectory;
        Address = new GrainAddress
        {
            GrainId = id,
            ActivationId = ActivationId.NewId(),
            SiloAddress = silo.Address,
            MembershipVersion = silo.Membership.CurrentSnapshot.Version,
        };
        _scope = silo.Services.CreateAsyncScope();
        _lifecycle = new GrainLifecycle(silo.Logger);
        _scheduler = new TurnScheduler(
            this, silo.Logger, silo.Scheduling.ActivationSchedulingQuantum, silo.Scheduling.TurnWarningLengthThreshold);
        _extensions = new Extensions(this);
        Queue = new RequestQueue(grainClass, () => GrainInstance, silo.Logger);
    }

    public SiloNode Silo { get; }

    public GrainClass Class { get; }

    public bool UsesDirectory { get; }

    public RequestQueue Queue { get; }

    public ILogger Logger => Silo.Logger;

    public GrainAddress Address { get; }

    public GrainId GrainId => Address.GrainId;

    public ActivationId ActivationId => Address.ActivationId;

    public object? GrainInstance { get; private set; }

    public IServiceProvider ActivationServices => _scope.ServiceProvider;

    public IGrainLifecycle ObservableLifecycle => _lifecycle;

    public GrainReference GrainReference => _reference ??= Silo.GetReference(GrainId, Class.Interfaces[0]);

    public Task Deactivated => _deactivated.Task;

    /// <summary>Completes when the directory has the activation, or it has ended.</summary>
    public Task Registered => _registered.Task;

    /// <summary>Cancelled when deactivation begins.</summary>
    public CancellationToken Deactivating => _deactivating.Token;

    public TimerSet Timers { get; } = new();

    /// <summary>Set when the activation shall move.</summary>
    public Migration? Migration { get; private set; }

    public GrainLifecycle Lifecycle => _lifecycle;

    private ActivationState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>Begins the activation's life. <paramref name="moved"/> is the state it brings along, or null.</summary>
    public void Start(Dictionary<string, object>? requestContext, MigrationContext? moved) =>
        Task.Run(() => new ActivationStart(this, _registered).RunAsync(requestContext, moved)).Ignore();

    public void Enqueue(WorkItem item)
    {
        if (Queue.Add(item))
        {
            Run(item);
        }
        else if (State == ActivationState.Invalid)
        {
            Reroute(null);
        }
    }

    public void Cancel(Message cancel)
    {
        var (item, wasWaiting) = Queue.Cancel(cancel);
        if (wasWaiting)
        {
            Silo.Respond(item!.Message, null, null, new OperationCanceledException());
        }
        else if (item is not null)
        {
            _scheduler.Queue(static i => ((RequestItem)i!).Cancel(), item);
        }
    }

    /// <summary>Runs something in the activation's turns, beside its requests.</summary>
    public void QueueTurn(Func<Task> turn) => _scheduler.Queue(static t => ((Func<Task>)t!)().Ignore(), turn);

    /// <summary>The object that a method is called on: the grain, or one of its extensions.</summary>
    public object TargetOf(MethodDescriptor method)
    {
        var type = method.Owner.Type;
        return type.IsInstanceOfType(GrainInstance) ? GrainInstance!
            : typeof(IGrainExtension).IsAssignableFrom(type) ? _extensions.Get(type)
            : throw new InvalidCastException($"Grain {GrainId} ({Class.Type}) does not implement {type}.");
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _deactivation ??= (deactivationReason, cancellationToken);
            if (_state != ActivationState.Valid)
            {
                return;
            }

            _state = ActivationState.Deactivating;
        }

        BeginDeactivation();
    }

    public void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) =>
        MigrateTo(null, requestContext);

    /// <summary>Moves to a silo; to one that placement picks when null.</summary>
    public void MigrateTo(SiloAddress? silo, Dictionary<string, object>? requestContext)
    {
        lock (_gate)
        {
            if (_state == ActivationState.Invalid)
            {
                return;
            }

            Migration ??= new Migration(this, silo, requestContext);
        }

        Deactivate(new DeactivationReason(DeactivationReasonCode.Migrating, "Migrating to a new location."));
    }

    public void DelayDeactivation(TimeSpan time) => Volatile.Write(
        ref _keepUntil,
        time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan ? 0
            : time == Timeout.InfiniteTimeSpan || time.TotalMilliseconds > int.MaxValue ? long.MaxValue
            : Environment.TickCount64 + (long)time.TotalMilliseconds);

    /// <summary>Idle for this long, and not kept.</summary>
    public bool IsCollectable(TimeSpan age)
    {
        var now = Environment.TickCount64;
        return State == ActivationState.Valid && Queue.IsIdle && now >= Volatile.Read(ref _keepUntil)
            && now - Volatile.Read(ref _lastActive) >= age.TotalMilliseconds;
    }

    public TComponent? GetComponent<TComponent>()
        where TComponent : class => _components.Get<TComponent>() ?? GrainInstance as TComponent ?? this as TComponent;

    public void SetComponent<TComponent>(TComponent? value)
        where TComponent : class => _components.Set(value);

    void ICallChainReentrantGrainContext.OnEnterReentrantSection(Guid reentrancyId) => Queue.EnterSection(reentrancyId);

    void ICallChainReentrantGrainContext.OnExitReentrantSection(Guid reentrancyId) => Queue.ExitSection(reentrancyId);

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    public override int GetHashCode() => Address.GetHashCode();

    public override string ToString() => Address.ToString();

    /// <summary>Makes the grain object; in a turn.</summary>
    internal void CreateInstance() => GrainInstance = GrainActivator.Create(this);

    /// <summary>The grain is ready: lets requests run, unless it has already been told to end.</summary>
    internal void BecomeValid()
    {
        lock (_gate)
        {
            _state = _deactivation is null ? ActivationState.Valid : ActivationState.Deactivating;
        }

        if (State == ActivationState.Deactivating)
        {
            BeginDeactivation();
            return;
        }

        foreach (var item in Queue.Open())
        {
            Run(item);
        }
    }

    /// <summary>
    /// The last step of every life: what waits is answered with <paramref name="error"/>, or sent on when there is none.
    /// </summary>
    internal async Task EndAsync(Exception? error)
    {
        // Not to be found first: what is sent on must not come back here.
        Silo.Catalog.Remove(this);
        (Silo.Directory as DistributedGrainDirectory)?.Forget(Address);
        lock (_gate)
        {
            _state = ActivationState.Invalid;
        }

        Queue.Close();
        Reroute(error);
        try
        {
            await GrainActivator.DisposeAsync(GrainInstance);
            await _scope.DisposeAsync();
        }
        catch (Exception e)
        {
            Logger.LogError(e, "Disposing of {Grain} threw", GrainId);
        }

        _registered.TrySetResult();
        _deactivated.TrySetResult();
    }

    internal ValueTask DisposeExtensionsAsync() => _extensions.DisposeAsync();

    private void BeginDeactivation()
    {
        _deactivating.Cancel();
        if (Queue.Close())
        {
            Finish();
        }
    }

    private void Finish()
    {
        if (Interlocked.Exchange(ref _finishing, 1) == 0)
        {
            var (reason, token) = _deactivation!.Value;
            QueueTurn(() => new ActivationEnd(this, reason).RunAsync(token));
        }
    }

    private void Run(WorkItem item) => _scheduler.Queue(static s =>
    {
        var (self, work) = ((Activation, WorkItem))s!;
        self.RunAsync(work).Ignore();
    }, (this, item));

    private async Task RunAsync(WorkItem item)
    {
        if (item.KeepsAlive)
        {
            Volatile.Write(ref _lastActive, Environment.TickCount64);
        }

        await item.RunAsync(this);
        if (item.KeepsAlive)
        {
            Volatile.Write(ref _lastActive, Environment.TickCount64);
        }

        var (next, isQuiet) = Queue.Complete(item);
        foreach (var admitted in next)
        {
            Run(admitted);
        }

        if (isQuiet && State == ActivationState.Deactivating)
        {
            Finish();
        }
    }

    private void Reroute(Exception? error)
    {
        foreach (var item in Queue.TakeWaiting().OfType<RequestItem>())
        {
            if (error is not null)
            {
                Silo.Reject(item.Message, error);
            }
            else
            {
                Silo.Forward(item.Message);
            }
        }
    }
}
