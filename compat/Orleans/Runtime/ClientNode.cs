using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>A client beside the cluster: its requests go by a silo, its gateway. It does not hear of silos that die.</summary>
internal sealed class ClientNode(
    IServiceProvider services, SiloAddress address, IMessageTransport transport, IMembershipTable table,
    IOptions<ClientMessagingOptions> messaging)
    : Node(services, address, transport, messaging.Value)
{
    public void Attach() => Transport.Attach(Address, this);

    public void Detach()
    {
        Transport.Detach(Address);
        Calls.FailAll("The client has stopped.");
        Calls.Dispose();
    }

    public override void Send(Message message)
    {
        if (ObserverIds.IsObserver(message.TargetGrain) && ObserverIds.NodeOf(message.TargetGrain) is { } node)
        {
            message.IsAddressed = true;
            if (node.Equals(Address))
            {
                Receive(message);
            }
            else if (!TrySendBytes(node, message))
            {
                Reject(message, new ClientNotAvailableException(message.TargetGrain));
            }

            return;
        }

        _ = SendToGatewayAsync(message);
    }

    private async Task SendToGatewayAsync(Message message)
    {
        try
        {
            var data = await table.ReadAll().ConfigureAwait(false);
            var gateways =
                data.Members.Where(m => m.Item1.Status == SiloStatus.Active).Select(m => m.Item1.SiloAddress).Order().ToArray();

            // One gateway a grain while the silos stay: its messages, cancellations too, keep their order.
            var first = message.TargetGrain.GetUniformHashCode();
            for (var i = 0u; i < gateways.Length; i++)
            {
                if (TrySendBytes(gateways[unchecked(first + i) % gateways.Length], message))
                {
                    return;
                }
            }

            Reject(message, new SiloUnavailableException("No silo of the cluster can be reached."));
        }
        catch (Exception e)
        {
            Reject(message, e);
        }
    }
}
