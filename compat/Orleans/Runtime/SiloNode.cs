using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.GrainDirectory;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Orleans.Runtime;

/// <summary>A silo: addresses messages and runs grains.</summary>
internal sealed class SiloNode : Node
{
    private readonly Lazy<IIncomingGrainCallFilter[]> _incomingFilters;
    private readonly ISiloControl _control;
    private readonly Addressing _addressing;
    private volatile bool _isDetached;

    public SiloNode(
        IServiceProvider services,
        ILocalSiloDetails details,
        IMessageTransport transport,
        IMembershipTable table,
        IGrainDirectory directory,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection,
        IOptions<SchedulingOptions> scheduling,
        GrainClassMap classes,
        SiloMetadataCache metadata,
        IEnumerable<DistributedDirectoryMarker> markers)
        : base(services, details.SiloAddress, transport, messaging.Value)
    {
        Directory = directory;
        Collection = collection.Value;
        Scheduling = scheduling.Value;
        MaxForwardCount = messaging.Value.MaxForwardCount;
        Classes = classes;
        Metadata = metadata;
        Membership = new Membership(details.SiloAddress, details.Name, table, Logger);
        Membership.Updating += new ClusterChanges(this, markers.Any()).On;
        Placement = new PlacementService(this);
        Catalog = new Catalog(this);
        _control = new SiloControl(this);
        _addressing = new Addressing(this);
        _incomingFilters = new(() =>
            [.. (IEnumerable<IIncomingGrainCallFilter>)services.GetService(typeof(IEnumerable<IIncomingGrainCallFilter>))!]);
    }

    public Membership Membership { get; }

    public IGrainDirectory Directory { get; }

    public PlacementService Placement { get; }

    public Catalog Catalog { get; }

    public GrainClassMap Classes { get; }

    public SiloMetadataCache Metadata { get; }

    public GrainCollectionOptions Collection { get; }

    public SchedulingOptions Scheduling { get; }

    public IIncomingGrainCallFilter[] IncomingFilters => _incomingFilters.Value;

    public bool IsDetached => _isDetached;

    private int MaxForwardCount { get; }

    public ISiloControl ControlOf(SiloAddress silo) =>
        (ISiloControl)(object)GetReference(SiloControl.IdOf(silo), typeof(ISiloControl));

    public void Attach() => Transport.Attach(Address, this);

    /// <summary>Takes nothing in any more; what has come is still sent on.</summary>
    public Task DrainAsync() => Transport.DrainAsync(Address);

    /// <summary>Nothing comes in or goes out any more; open calls end.</summary>
    public void Detach(string why)
    {
        _isDetached = true;
        Transport.Detach(Address);
        Calls.FailAll(why);
        Calls.Dispose();
    }

    public override void Send(Message message)
    {
        if (_isDetached)
        {
            Reject(message, new SiloUnavailableException($"Silo {Address} has stopped."));
            return;
        }

        try
        {
            if (message.TargetSilo is { } silo)
            {
                Route(message, silo);
            }
            else if (ObserverIds.IsObserver(message.TargetGrain))
            {
                Route(message, ObserverIds.NodeOf(message.TargetGrain)
                    ?? throw new OrleansException($"{message.TargetGrain} is not the id of an observer."));
            }
            else if (message.TargetGrain.Type == SiloControl.GrainType)
            {
                Route(message, SiloAddress.Parse(message.TargetGrain.Key.ToString()));
            }
            else if (Catalog.Find(message.TargetGrain) is not null)
            {
                Route(message, Address);
            }
            else
            {
                RunAddressing(message);
            }
        }
        catch (Exception e)
        {
            Reject(message, e);
        }
    }

    public override void Receive(Message message)
    {
        if (message.Kind is MessageKind.Response or MessageKind.Moved)
        {
            base.Receive(message);
        }
        else if (!message.IsAddressed)
        {
            // From a client: this silo is its gateway.
            message.TargetSilo = null;
            Send(message);
        }
        else
        {
            TakeHere(message);
        }
    }

    /// <summary>Sends a request on: its activation is not here any more. Not for ever.</summary>
    public void Forward(Message message)
    {
        if (++message.ForwardCount > MaxForwardCount)
        {
            Reject(message, new OrleansMessageRejectionException(
                $"Forwarding failed: {message} was sent on {MaxForwardCount} times and found no activation."));
            return;
        }

        message.TargetSilo = null;
        Send(message);
    }

    public override void OnPeerLost(SiloAddress peer)
    {
        if (peer.IsClient || _isDetached)
        {
            return;
        }

        // After the peer's last words: a silo that left in order has answered, or sent on, all it had.
        Calls.FailAll(peer);
        if (!Membership.IsDeadSilo(peer))
        {
            Task.Run(() => Membership.TryKill(peer)).Ignore();
        }
    }

    private void Route(Message message, SiloAddress silo)
    {
        message.IsAddressed = true;
        if (message.ForwardCount > 0)
        {
            TellMoved(message, silo);
        }

        if (!silo.Equals(Address))
        {
            if (!TrySendBytes(silo, message))
            {
                OnUnreachable(message, silo);
            }

            return;
        }

        message.TargetSilo = silo;
        if (message.SendingSilo.Equals(Address) && Calls.Find(message.Id) is { } call)
        {
            call.TargetSilo = silo;
        }

        TakeHere(message);
    }

    // So that the caller fails with the right silo, and not with the one that sent the request on.
    private void TellMoved(Message message, SiloAddress silo)
    {
        if (message.Kind == MessageKind.Request && !message.SendingSilo.Equals(Address) && !message.SendingSilo.IsClient)
        {
            TrySendBytes(message.SendingSilo, new Message { Id = message.Id, Kind = MessageKind.Moved, SendingSilo = silo });
        }
    }

    private void TakeHere(Message message)
    {
        if (message.Kind == MessageKind.Response || ObserverIds.IsObserver(message.TargetGrain))
        {
            base.Receive(message);
            return;
        }

        try
        {
            if (message.Kind == MessageKind.Cancel)
            {
                Catalog.Cancel(message);
            }
            else if (message.TargetGrain.Type == SiloControl.GrainType)
            {
                Task.Run(() => RunControlAsync(message)).Ignore();
            }
            else if (!Catalog.TryDispatch(message))
            {
                Forward(message);
            }
        }
        catch (Exception e)
        {
            Reject(message, e);
        }
    }

    private void RunAddressing(Message message)
    {
        var addressing = _addressing.AddressAsync(message);
        if (addressing.IsCompletedSuccessfully)
        {
            Finish(message, addressing.Result);
            return;
        }

        _ = Await(addressing.AsTask());

        async Task Await(Task<SiloAddress?> task)
        {
            try
            {
                Finish(message, await task.ConfigureAwait(false));
            }
            catch (Exception e)
            {
                Reject(message, e);
            }
        }

        void Finish(Message addressed, SiloAddress? silo)
        {
            if (silo is not null)
            {
                Route(addressed, silo);
            }
        }
    }

    private void OnUnreachable(Message message, SiloAddress silo)
    {
        if (silo.IsClient)
        {
            Reject(message, new ClientNotAvailableException(message.TargetGrain));
        }
        else if (message.TargetGrain.Type == SiloControl.GrainType || ObserverIds.IsObserver(message.TargetGrain))
        {
            Reject(message, new SiloUnavailableException($"Silo {silo} is not reachable."));
        }
        else
        {
            _ = ResendAsync();
        }

        async Task ResendAsync()
        {
            try
            {
                await Membership.TryKill(silo).ConfigureAwait(false);
                await Directory.UnregisterSilos([silo]).ConfigureAwait(false);
                Forward(message);
            }
            catch (Exception e)
            {
                Reject(message, new SiloUnavailableException($"Silo {silo} is not reachable.", e));
            }
        }
    }

    private async Task RunControlAsync(Message message)
    {
        try
        {
            var result = await message.Method!.Invoker.InvokeAsync(_control, message.Arguments);
            Respond(message, result, message.Method.HasResult ? message.Method.ResultType : null, null);
        }
        catch (Exception e)
        {
            Respond(message, null, null, e);
        }
    }
}
