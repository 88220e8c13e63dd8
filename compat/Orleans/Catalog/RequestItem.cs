using System.Reflection;
using Microsoft.Extensions.Logging;
using Orleans.Serialization.Invocation;
using Orleans.Storage;

namespace Orleans.Runtime;

/// <summary>A request at its activation.</summary>
internal sealed class RequestItem(Message message) : WorkItem, IInvokable
{
    private readonly CancellationTokenSource? _source = message.Method!.TokenIndex >= 0 ? new CancellationTokenSource() : null;

    public Message Message => message;

    public override bool IsAlwaysInterleave => message.Method!.IsAlwaysInterleave;

    public override bool IsReadOnly => message.Method!.IsReadOnly;

    public override Guid ReentrancyId => RequestContext.IdIn(message.Context);

    public override IInvokable Invokable => this;

    public override bool KeepsAlive => !typeof(IGrainExtension).IsAssignableFrom(message.Method!.Owner.Type);

    public bool IsFor(Message cancel) => message.Id == cancel.Id && message.SendingSilo.Equals(cancel.SendingSilo);

    public void Cancel() => _source?.Cancel();

    public override async Task RunAsync(Activation activation)
    {
        var node = activation.Silo;
        var method = message.Method!;
        if (message.IsExpired && node.Messaging.DropExpiredMessages)
        {
            activation.Logger.LogDebug("Expired and dropped: {Message}", message);
            return;
        }

        try
        {
            if (_source is not null)
            {
                message.Arguments[method.TokenIndex] = _source.Token;
            }

            RequestContext.Values = message.Context;
            var target = activation.TargetOf(method);
            var filters = node.IncomingFilters;
            var result = filters.Length > 0 || target is IIncomingGrainCallFilter
                ? await new IncomingCall(activation, target, message, filters).RunAsync()
                : await method.Invoker.InvokeAsync(target, message.Arguments);
            node.Respond(message, result, method.HasResult ? method.ResultType : null, null);
        }
        catch (Exception e)
        {
            Fail(activation, e);
        }
        finally
        {
            _source?.Dispose();
        }
    }

    string IInvokable.GetInterfaceName() => message.Method!.Owner.Name.ToString();

    Type IInvokable.GetInterfaceType() => message.Method!.Owner.Type;

    string IInvokable.GetMethodName() => message.Method!.Method.Name;

    MethodInfo IInvokable.GetMethod() => message.Method!.Method;

    int IInvokable.GetArgumentCount() => message.Arguments.Length;

    object? IInvokable.GetArgument(int index) => message.Arguments[index];

    private void Fail(Activation activation, Exception e)
    {
        if (e is InconsistentStateException { IsSourceActivation: true } stale)
        {
            // Its state is not the stored one any more.
            stale.IsSourceActivation = false;
            activation.Deactivate(new DeactivationReason(
                DeactivationReasonCode.ApplicationError, e, "An InconsistentStateException came out of a request."));
        }

        if (message.Kind == MessageKind.OneWay)
        {
            activation.Logger.LogWarning(e, "One-way request {Method} of {Grain} threw", message.Method, activation.GrainId);
        }

        activation.Silo.Respond(message, null, null, e);
    }
}
