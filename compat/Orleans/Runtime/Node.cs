using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>What silos and clients have in common: they make calls, take answers and have observers.</summary>
internal abstract class Node : INodeRuntime, IFrameReceiver
{
    private readonly Lazy<IOutgoingGrainCallFilter[]> _outgoingFilters;

    protected Node(IServiceProvider services, SiloAddress address, IMessageTransport transport, MessagingOptions messaging)
    {
        Services = services;
        Address = address;
        Transport = transport;
        Messaging = messaging;
        Logger = services.GetRequiredService<ILoggerFactory>().CreateLogger(GetType());
        Calls = new CallTable(messaging.ResponseTimeout, OnTimeout);
        Observers = new LocalObjectTable(this);
        _outgoingFilters = new(() => [.. services.GetServices<IOutgoingGrainCallFilter>()]);
    }

    public IServiceProvider Services { get; }

    public SiloAddress Address { get; }

    public CallTable Calls { get; }

    public LocalObjectTable Observers { get; }

    public MessagingOptions Messaging { get; }

    public ILogger Logger { get; }

    protected IMessageTransport Transport { get; }

    public GrainReference GetReference(GrainId id, Type interfaceType) =>
        InterfaceTable.Get(interfaceType).CreateReference(this, id);

    public Task<TResult> InvokeAsync<TResult>(GrainReference target, MethodDescriptor method, object?[] arguments) =>
        _outgoingFilters.Value is { Length: > 0 } filters
            ? new OutgoingCall<TResult>(this, target, method, arguments, filters).RunAsync()
            : CallAsync<TResult>(target, method, arguments);

    /// <summary>Sends a call past the filters.</summary>
    public Task<TResult> CallAsync<TResult>(GrainReference target, MethodDescriptor method, object?[] arguments)
    {
        var token = method.TokenIndex >= 0 ? (CancellationToken)arguments[method.TokenIndex]! : default;
        token.ThrowIfCancellationRequested();
        var copies = ArgumentCopier.Copy(method, arguments);
        var call = new PendingCall<TResult>(method, target.GrainId, method.ResponseTimeout ?? Messaging.ResponseTimeout);
        Calls.Add(call);
        var message = CreateRequest(MessageKind.Request, call.Id, target.GrainId, method, copies, call.Expiry);
        if (token.CanBeCanceled)
        {
            call.Cancellation = token.UnsafeRegister((_, t) => Cancel(call.Id, t), null);
        }

        Send(message);
        return call.Task;
    }

    public void InvokeOneWay(GrainReference target, MethodDescriptor method, object?[] arguments)
    {
        if (_outgoingFilters.Value is { Length: > 0 } filters)
        {
            new OutgoingCall<object?>(this, target, method, arguments, filters).RunAsync().Ignore();
        }
        else
        {
            SendOneWay(target, method, arguments);
        }
    }

    public void SendOneWay(GrainReference target, MethodDescriptor method, object?[] arguments)
    {
        var copies = ArgumentCopier.Copy(method, arguments);
        Send(CreateRequest(MessageKind.OneWay, Calls.NextId(), target.GrainId, method, copies,
            Environment.TickCount64 + (long)(method.ResponseTimeout ?? Messaging.ResponseTimeout).TotalMilliseconds));
    }

    public IAsyncEnumerable<TItem> Enumerate<TItem>(GrainReference target, MethodDescriptor method, object?[] arguments) =>
        new GrainEnumerable<TItem>(
            (IEnumerationExtension)(object)GetReference(target.GrainId, typeof(IEnumerationExtension)),
            method,
            callToken: method.TokenIndex >= 0 ? (CancellationToken)arguments[method.TokenIndex]! : default,
            arguments: ArgumentCopier.Copy(method, arguments));

    public void OnFrame(ReadOnlyMemory<byte> frame)
    {
        try
        {
            var (message, error) = MessageCodec.Read(frame, this, Calls.ResultTypeOf);
            if (error is not null && message.Kind == MessageKind.Request)
            {
                Respond(message, null, null, error);
            }
            else if (error is null || message.Kind == MessageKind.Response)
            {
                Receive(message);
            }
            else
            {
                Logger.LogError(error, "A message from {Silo} cannot be read and is dropped: {Message}", message.SendingSilo,
                    message);
            }
        }
        catch (Exception e)
        {
            Logger.LogError(e, "A frame of {Length} bytes cannot be read and is dropped", frame.Length);
        }
    }

    public virtual void OnPeerLost(SiloAddress peer)
    {
    }

    public virtual void OnUndelivered(SiloAddress peer, ReadOnlyMemory<byte> frame)
    {
    }

    public virtual void OnSendFailed(SiloAddress peer, ReadOnlyMemory<byte> frame)
    {
    }

    public virtual void OnRefusedAsDead()
    {
    }

    /// <summary>Sends a message to its target, wherever that is; a request that cannot be sent ends with an error.</summary>
    public abstract void Send(Message message);

    /// <summary>Takes a message that is meant for this node.</summary>
    public virtual void Receive(Message message)
    {
        if (message.Kind == MessageKind.Response)
        {
            Complete(message);
        }
        else if (message.Kind == MessageKind.Moved)
        {
            if (Calls.Find(message.Id) is { } call)
            {
                call.TargetSilo = message.SendingSilo;
            }
        }
        else if (ObserverIds.IsObserver(message.TargetGrain))
        {
            Observers.Dispatch(message);
        }
        else
        {
            Reject(message, new OrleansException($"{Address} has no {message.TargetGrain}."));
        }
    }

    /// <summary>Answers a request; no effect for one-way ones.</summary>
    public void Respond(Message request, object? result, Type? resultType, Exception? error)
    {
        if (request.Kind != MessageKind.Request)
        {
            return;
        }

        if (request.SendingSilo.Equals(Address))
        {
            CompleteHere(request.Id, result, resultType, error);
            return;
        }

        var response = Message.Answer(request, Address, result, resultType, error);
        try
        {
            Transport.Send(request.SendingSilo, MessageCodec.Write(response, Messaging.MaxMessageBodySize), FrameClass.Other);
        }
        catch (Exception e)
        {
            Logger.LogWarning(e, "The answer of {Method} of {Grain} does not travel", request.Method, request.TargetGrain);
            Transport.Send(
                request.SendingSilo,
                MessageCodec.Write(Message.Answer(request, Address, null, null, Travelling(e)), int.MaxValue),
                FrameClass.Other);
        }
    }

    public void Reject(Message message, Exception error)
    {
        if (message.Kind == MessageKind.Request)
        {
            Respond(message, null, null, error);
        }
        else if (message.Kind == MessageKind.OneWay)
        {
            Logger.LogWarning(error, "A one-way message is lost: {Message}", message);
        }
    }

    /// <summary>
    /// Writes and sends; false when the silo cannot be reached. A message that cannot be written ends with the error.
    /// </summary>
    protected bool TrySendBytes(SiloAddress silo, Message message)
    {
        if (message.Kind == MessageKind.Request && message.SendingSilo.Equals(Address) && Calls.Find(message.Id) is { } call)
        {
            call.TargetSilo = silo;
        }

        message.TargetSilo = silo;
        byte[] frame;
        try
        {
            frame = MessageCodec.Write(message, Messaging.MaxMessageBodySize);
        }
        catch (Exception e)
        {
            Reject(message, e);
            return true;
        }

        switch (Transport.Send(silo, frame, ClassOf(message)))
        {
            case SendOutcome.Taken:
                return true;
            case SendOutcome.Full:
                Reject(message, new LimitExceededException($"Too much waits to be sent to silo {silo}; {message} is refused."));
                return true;
            default:
                return false;
        }
    }

    private static FrameClass ClassOf(Message message) =>
        message.Kind is MessageKind.Request or MessageKind.OneWay && message.TargetGrain.Type != SiloControl.GrainType
            ? FrameClass.Request
            : FrameClass.Other;

    protected virtual void OnTimeout(PendingCall call)
    {
        if (Messaging.CancelRequestOnTimeout && call.Method.TokenIndex >= 0)
        {
            SendCancel(call);
        }
    }

    private static Exception Travelling(Exception error) =>
        ExceptionTypes.Travels(error.GetType()) ? error : new SerializerException(error.Message);

    private Message CreateRequest(
        MessageKind kind, long id, GrainId target, MethodDescriptor method, object?[] arguments, long expiry) => new()
        {
            Id = id,
            Kind = kind,
            SendingSilo = Address,
            SendingGrain = RuntimeContext.Current?.GrainId ?? default,
            TargetGrain = target,
            Method = method,
            Arguments = arguments,
            Context = ArgumentCopier.CopyContext(RequestContext.Values),
            Expiry = expiry,
        };

    private void CompleteHere(long id, object? result, Type? resultType, Exception? error)
    {
        if (Calls.Take(id) is not { } call)
        {
            return;
        }

        if (error is not null)
        {
            call.SetError(error);
            return;
        }

        try
        {
            call.SetResult(resultType is null ? null : CodecTable.Get(resultType).CopyBoxed(result, new CopyContext()));
        }
        catch (Exception e)
        {
            call.SetError(e);
        }
    }

    private void Complete(Message response)
    {
        if (Calls.Take(response.Id) is not { } call)
        {
            return;
        }

        if (response.Error is not null)
        {
            call.SetError(response.Error);
        }
        else
        {
            call.SetResult(response.Result);
        }
    }

    private void Cancel(long id, CancellationToken token)
    {
        if (Messaging.WaitForCancellationAcknowledgement)
        {
            if (Calls.Find(id) is { } waiting)
            {
                SendCancel(waiting);
            }
        }
        else if (Calls.Take(id) is { } call)
        {
            SendCancel(call);
            call.SetError(new OperationCanceledException(token));
        }
    }

    private void SendCancel(PendingCall call) => Send(new Message
    {
        Id = call.Id,
        Kind = MessageKind.Cancel,
        SendingSilo = Address,
        TargetGrain = call.Target,
        TargetSilo = call.TargetSilo,
    });
}
