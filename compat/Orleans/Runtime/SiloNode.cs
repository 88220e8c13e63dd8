using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.GrainDirectory;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Orleans.Runtime;

/// <summary>A silo: addresses messages and runs grains.</summary>
internal sealed class SiloNode : Node
{
    private static readonly TimeSpan GreetingLimit = TimeSpan.FromSeconds(5);
    private const int DrainSteps = 100;
    private static readonly TimeSpan DrainStep = TimeSpan.FromMilliseconds(10);
    private readonly Lazy<IIncomingGrainCallFilter[]> _incomingFilters;
    private readonly ISiloControl _control;
    private readonly Addressing _addresser;
    private volatile bool _isDetached;
    private int _addressing;

    public SiloNode(
        IServiceProvider services,
        ILocalSiloDetails details,
        IMessageTransport transport,
        IMembershipTable table,
        IGrainDirectory directory,
        IOptions<GrainDirectoryOptions> directoryOptions,
        IOptions<ClusterMembershipOptions> membership,
        IOptions<EndpointOptions> endpoints,
        IFatalErrorHandler fatalErrors,
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
        FatalErrors = fatalErrors;
        Addresses = new AddressCache(details.SiloAddress);
        Membership = new Membership(
            new MembershipIdentity(details.SiloAddress, details.Name, details.DnsHostName, endpoints.Value.GatewayPort),
            table, membership.Value, Logger);
        if (directory is DistributedGrainDirectory distributed)
        {
            distributed.Bind(
                this,
                directoryOptions.Value.RangeLeaseDuration - (membership.Value.MaxProbeTimeout * membership.Value.NumMissedProbesLimit));
            Membership.Updating += distributed.OnView;
            Membership.Updating += Addresses.OnView;
        }

        Membership.Updating += new ClusterChanges(this, markers.Any()).On;
        Membership.Written += Gossip;
        Placement = new PlacementService(this);
        Catalog = new Catalog(this);
        _control = new SiloControl(this);
        _addresser = new Addressing(this);
        _incomingFilters = new(() =>
            [.. (IEnumerable<IIncomingGrainCallFilter>)services.GetService(typeof(IEnumerable<IIncomingGrainCallFilter>))!]);
    }

    public Membership Membership { get; }

    public IGrainDirectory Directory { get; }

    public PlacementService Placement { get; }

    public Catalog Catalog { get; }

    public GrainClassMap Classes { get; }

    public SiloMetadataCache Metadata { get; }

    public IFatalErrorHandler FatalErrors { get; }

    /// <summary>Where grains were found last.</summary>
    public AddressCache Addresses { get; }

    /// <summary>The silos of the cluster are in several processes.</summary>
    public bool IsRemote => !Transport.LossIsDeath;

    public GrainCollectionOptions Collection { get; }

    public SchedulingOptions Scheduling { get; }

    public IIncomingGrainCallFilter[] IncomingFilters => _incomingFilters.Value;

    public bool IsDetached => _isDetached;

    private int MaxForwardCount { get; }

    public ISiloControl ControlOf(SiloAddress silo) =>
        (ISiloControl)(object)GetReference(SiloControl.IdOf(silo), typeof(ISiloControl));

    public void Attach() => Transport.Attach(Address, this);

    /// <summary>Takes no requests in any more; what has come is still sent on.</summary>
    public async Task DrainAsync()
    {
        await Transport.DrainAsync(Address);
        for (var i = 0; i < DrainSteps && Volatile.Read(ref _addressing) > 0; i++)
        {
            await Task.Delay(DrainStep);
        }
    }

    public Task FlushAsync() => Transport.FlushAsync(Address);

    /// <summary>Ends all that binds this silo to a dead one.</summary>
    public void ForgetSilo(SiloAddress dead) => Transport.Forget(dead);

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
            if (message.Kind == MessageKind.Moved && !message.TargetGrain.IsDefault)
            {
                Addresses.Remove(message.TargetGrain);
            }

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
        Logger.LogDebug("Sent on: {Message}, {Count} times before", message, message.ForwardCount);
        if (++message.ForwardCount > MaxForwardCount)
        {
            Reject(message, new OrleansMessageRejectionException(
                $"Forwarding failed: {message} was sent on {MaxForwardCount} times and found no activation (said by {Address})."));
            return;
        }

        message.TargetSilo = null;
        Addresses.Remove(message.TargetGrain);
        if (message.SendingSilo.Equals(Address) && Calls.Find(message.Id) is { } call)
        {
            call.TargetSilo = null;
        }

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

    public override void OnUndelivered(SiloAddress peer, ReadOnlyMemory<byte> frame)
    {
        if (_isDetached)
        {
            return;
        }

        try
        {
            var (message, error) = MessageCodec.Read(frame, this, Calls.ResultTypeOf);
            if (error is not null || message.Kind is not (MessageKind.Request or MessageKind.OneWay))
            {
                Logger.LogDebug("Not delivered to {Silo}: {Message}", peer, message);
            }
            else if (Membership.IsDeadSilo(peer))
            {
                OnUnreachable(message, peer);
            }
            else
            {
                Addresses.Remove(message.TargetGrain);
                Reject(message, Unreachable(peer));
            }
        }
        catch (Exception e)
        {
            Logger.LogError(e, "A frame to {Silo} was not delivered and cannot be read", peer);
        }
    }

    public override void OnSendFailed(SiloAddress peer, ReadOnlyMemory<byte> frame)
    {
        if (_isDetached)
        {
            return;
        }

        try
        {
            var (message, error) = MessageCodec.Read(frame, this, Calls.ResultTypeOf);
            if (error is null && message.Kind is MessageKind.Request or MessageKind.OneWay)
            {
                // As Orleans: not sent again, because it may have been carried out.
                Reject(message, new SiloUnavailableException($"The connection to silo {peer} broke while the message was being sent."));
            }
        }
        catch (Exception e)
        {
            Logger.LogError(e, "A frame to {Silo} was not sent and cannot be read", peer);
        }
    }

    public override void OnRefusedAsDead()
    {
        Logger.LogWarning("Another silo takes this silo, {Silo}, for dead; the membership table is read", Address);
        Task.Run(async () => await Membership.Refresh()).Ignore();
    }

    /// <summary>Tells another silo this one's metadata and takes the other's; false when it does not answer.</summary>
    public async Task<bool> ExchangeMetadataAsync(SiloAddress other)
    {
        try
        {
            Metadata.Set(other, await ControlOf(other).ExchangeMetadataAsync(Address, Metadata.Own).WaitAsync(GreetingLimit));
            return true;
        }
        catch (Exception e) when (e is SiloUnavailableException or TimeoutException)
        {
            Logger.LogInformation("Silo {Silo} does not tell its metadata: {Reason}", other, e.Message);
            return false;
        }
    }

    /// <summary>Tells the other silos what this one knows of the cluster, so that they need not wait for the table.</summary>
    public void Gossip()
    {
        if (!IsRemote || _isDetached || !Membership.UsesGossip)
        {
            return;
        }

        var snapshot = Membership.CurrentSnapshot;
        foreach (var other in snapshot.Members.Values)
        {
            if (other.Status is SiloStatus.Joining or SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping
                && !other.SiloAddress.Equals(Address))
            {
                ControlOf(other.SiloAddress).GossipAsync(snapshot).Ignore();
            }
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
        if (message.Kind is MessageKind.Request or MessageKind.OneWay && !message.SendingSilo.Equals(Address)
            && !message.SendingSilo.IsClient)
        {
            TrySendBytes(message.SendingSilo, new Message
            {
                Id = message.Id,
                Kind = MessageKind.Moved,
                SendingSilo = silo,
                TargetGrain = message.TargetGrain,
            });
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
            else if (message.Method!.Owner.Type == typeof(ISiloControl) && message.Method.Method.Name == nameof(ISiloControl.PingAsync))
            {
                // At once, so that a busy thread pool costs a probe one wait and not two.
                Respond(message, null, null, null);
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
        var addressing = _addresser.AddressAsync(message);
        if (addressing.IsCompletedSuccessfully)
        {
            Finish(message, addressing.Result);
            return;
        }

        Interlocked.Increment(ref _addressing);
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
            finally
            {
                Interlocked.Decrement(ref _addressing);
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
            Reject(message, Unreachable(silo));
        }
        else if (IsRemote)
        {
            // It is dead, or leaves, and never got the message.
            Forward(message);
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

    private static SiloUnavailableException Unreachable(SiloAddress silo) => new($"Silo {silo} is not reachable.");

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
