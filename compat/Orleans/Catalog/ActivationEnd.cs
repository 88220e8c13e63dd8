using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>The end of an activation, when no request runs: OnDeactivateAsync, moving, unregistering. In a turn.</summary>
internal sealed class ActivationEnd(Activation activation, DeactivationReason reason)
{
    private readonly SiloNode _silo = activation.Silo;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        source.CancelAfter(_silo.Collection.DeactivationTimeout);
        activation.Timers.Dispose();
        var failed = false;
        try
        {
            if (activation.GrainInstance is IGrainBase grain)
            {
                await grain.OnDeactivateAsync(reason, source.Token).WaitAsync(source.Token);
            }
        }
        catch (Exception e)
        {
            failed = true;
            activation.Logger.LogError(e, "OnDeactivateAsync of {Grain} threw", activation.GrainId);
        }

        try
        {
            await activation.Lifecycle.OnStop(source.Token).WaitAsync(source.Token);
            await activation.DisposeExtensionsAsync();
        }
        catch (Exception e)
        {
            failed = true;
            activation.Logger.LogError(e, "Stopping {Grain} failed", activation.GrainId);
        }

        var moved =
            !failed && !source.IsCancellationRequested && activation.Migration is { } migration && await migration.RunAsync();
        if (!moved && activation.UsesDirectory && reason.ReasonCode != DeactivationReasonCode.DirectoryFailure)
        {
            await UnregisterAsync();
        }

        await activation.EndAsync(null);
    }

    private async Task UnregisterAsync()
    {
        try
        {
            await _silo.Directory.Unregister(activation.Address);
        }
        catch (Exception e)
        {
            activation.Logger.LogError(e, "Unregistering {Grain} failed", activation.GrainId);
        }
    }
}
