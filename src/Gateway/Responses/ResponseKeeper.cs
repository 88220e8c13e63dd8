using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using XLLM.Gateway.Storage;

namespace XLLM.Gateway.Responses;

/// <summary>Looks after stored responses: ends what another gateway was asked to cancel, removes what has expired.</summary>
internal sealed class ResponseKeeper(
    GatewayStorage storage, IResponseStore store, BackgroundRuns background, TimeProvider time, ILogger<ResponseKeeper> logger)
    : BackgroundService
{
    private const int LooksPerSweep = 30;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!storage.IsOn)
        {
            return;
        }

        using PeriodicTimer timer = new(Look, time);
        int look = 0;
        do
        {
            try
            {
                foreach (string id in store.ListCancelled())
                {
                    await background.CancelAsync(id);
                }

                if (look++ % LooksPerSweep == 0)
                {
                    store.Sweep();
                }
            }
            catch (Exception exception)
            {
                logger.LookFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
