using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>The beginning of an activation: registration, constructor, state, OnActivateAsync.</summary>
internal sealed class ActivationStart(Activation activation, TaskCompletionSource registered)
{
    private readonly SiloNode _silo = activation.Silo;

    public async Task RunAsync(Dictionary<string, object>? requestContext, MigrationContext? moved)
    {
        try
        {
            if (!await RegisterAsync(moved))
            {
                await activation.EndAsync(null);
                return;
            }

            registered.TrySetResult();
        }
        catch (Exception e)
        {
            activation.Logger.LogError(e, "Registering {Grain} failed", activation.GrainId);
            await activation.EndAsync(e);
            return;
        }

        activation.QueueTurn(() => ActivateAsync(requestContext, moved));
    }

    private async Task<bool> RegisterAsync(MigrationContext? moved)
    {
        if (!activation.UsesDirectory)
        {
            return true;
        }

        var winner = await _silo.Directory.Register(activation.Address, moved?.PreviousAddress);
        if (winner?.SiloAddress is { } owner && _silo.Membership.IsDeadSilo(owner))
        {
            await _silo.Directory.UnregisterSilos([owner]);
            winner = await _silo.Directory.Register(activation.Address);
        }

        if (winner is not null && _silo.Address.Equals(winner.SiloAddress) && !activation.Address.Matches(winner))
        {
            // This activation is the silo's only one of the grain: the entry is of one that has ended.
            winner = await _silo.Directory.Register(activation.Address, winner);
        }

        return activation.Address.Matches(winner);
    }

    private async Task ActivateAsync(Dictionary<string, object>? requestContext, MigrationContext? moved)
    {
        using var source = new CancellationTokenSource(_silo.Collection.ActivationTimeout);
        try
        {
            RequestContext.Values = requestContext;
            activation.CreateInstance();
            if (moved is not null)
            {
                Rehydrate(moved);
            }

            await activation.Lifecycle.OnStart(source.Token).WaitAsync(source.Token);
            if (activation.GrainInstance is IGrainBase grain)
            {
                await grain.OnActivateAsync(source.Token).WaitAsync(source.Token);
            }
        }
        catch (Exception e)
        {
            activation.Logger.LogError(e, "Activating {Grain} failed", activation.GrainId);
            await FailAsync(e);
            return;
        }

        activation.BecomeValid();
    }

    private void Rehydrate(MigrationContext moved)
    {
        try
        {
            foreach (var participant in activation.Lifecycle.Participants)
            {
                participant.OnRehydrate(moved);
            }

            (activation.GrainInstance as IGrainMigrationParticipant)?.OnRehydrate(moved);
        }
        catch (Exception e)
        {
            activation.Logger.LogError(e, "Rehydrating {Grain} failed; it starts without the moved state", activation.GrainId);
        }
    }

    private async Task FailAsync(Exception error)
    {
        activation.Timers.Dispose();
        try
        {
            await activation.Lifecycle.OnStop(CancellationToken.None);
            if (activation.UsesDirectory)
            {
                await _silo.Directory.Unregister(activation.Address);
            }
        }
        catch (Exception e)
        {
            activation.Logger.LogError(e, "Cleaning up {Grain} failed", activation.GrainId);
        }

        await activation.EndAsync(error);
    }
}
