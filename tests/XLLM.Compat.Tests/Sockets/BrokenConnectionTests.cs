using System.Net;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace XLLM.Compat.Tests.Sockets;

/// <summary>A connection that breaks between two silos that live on.</summary>
public sealed class BrokenConnectionTests
{
    [Fact]
    public async Task A_call_that_was_being_sent_fails_at_once_and_the_next_one_goes_by_a_new_connection()
    {
        var table = new OneTable();
        await using var caller = await SocketSilo.StartAsync(table);
        Relay? relay = null;
        await using var callee = await SocketSilo.StartAsync(
            table,
            configure: silo => silo.Configure<EndpointOptions>(
                x => x.SiloListeningEndpoint = new IPEndPoint(IPAddress.Loopback, SocketSilo.FreePort())),
            before: silo =>
            {
                var options = silo.Get<Microsoft.Extensions.Options.IOptions<EndpointOptions>>().Value;
                relay = new Relay(silo.Address.Endpoint, options.SiloListeningEndpoint!.Port);
                return Task.CompletedTask;
            });
        using var opened = relay!;
        Assert.Equal(1, await callee.Get<IGrainFactory>().GetGrain<IHeavyGrain>("one").TakeAsync([1]));
        var grain = caller.Get<IGrainFactory>().GetGrain<IHeavyGrain>("one");
        Assert.Equal(2, await grain.TakeAsync([1, 2]));

        var stalled = opened.StallAsync();
        var call = grain.TakeAsync(new byte[64 << 20]);
        await stalled;
        opened.Cut();

        await Assert.ThrowsAsync<SiloUnavailableException>(() => call);
        Assert.Equal(3, await grain.TakeAsync([1, 2, 3]));
    }
}
