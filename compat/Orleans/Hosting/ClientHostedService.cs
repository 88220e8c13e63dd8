using Microsoft.Extensions.Hosting;

namespace Orleans.Runtime;

internal sealed class ClientHostedService(ClientNode client) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        client.Attach();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        client.Detach();
        return Task.CompletedTask;
    }
}
