using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using XLLM.Grains.Requests;
using XLLM.Scheduling.Fleet;

namespace XLLM.Grains.Fleet;

/// <summary>Looks at the fleet once a report period, so that routing and watching need no grain call.</summary>
internal sealed partial class FleetWatcher(
    FleetView view, RunWatch runs, IOptions<FleetOptions> options, TimeProvider time, ILogger<FleetWatcher> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.ReportPeriod, time);
        try
        {
            do
            {
                try
                {
                    await view.RefreshAsync().WaitAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    FleetUnreachable(e);
                }

                // Not only when the snapshot changes: an instance that is missing from it is lost when that has lasted.
                runs.Check();
            }
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(LogLevel.Warning, "The fleet registry cannot be reached; routing goes on with the last snapshot.")]
    private partial void FleetUnreachable(Exception e);
}
