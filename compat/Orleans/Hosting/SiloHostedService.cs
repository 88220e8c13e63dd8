using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>Starts the silo with its host and stops it; a stop with a cancelled token is a crash.</summary>
internal sealed class SiloHostedService(
    SiloStages stages,
    SiloLifecycle lifecycle,
    IEnumerable<ILifecycleParticipant<ISiloLifecycle>> participants,
    IEnumerable<IConfigurationValidator> validators,
    ILocalSiloDetails details,
    ILogger<SiloHostedService> logger) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var validator in validators)
        {
            validator.ValidateConfiguration();
        }

        stages.Participate(lifecycle);
        foreach (var participant in participants)
        {
            participant.Participate(lifecycle);
        }

        try
        {
            await lifecycle.OnStart(cancellationToken);
        }
        catch (Exception e)
        {
            logger.LogError(e, "Silo {Silo} could not start", details.SiloAddress);
            await lifecycle.OnStop(CancellationToken.None);
            throw;
        }

        logger.LogInformation("Silo {Name} at {Silo} has started (compat runtime)", details.Name, details.SiloAddress);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            stages.Crash();
        }

        await lifecycle.OnStop(cancellationToken);
    }
}
