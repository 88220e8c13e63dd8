using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Runtime.Placement;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>An activation's move, in its last turn.</summary>
internal sealed class Migration(Activation activation, SiloAddress? silo, Dictionary<string, object>? requestContext)
{
    /// <summary>The silo to move to, or null when placement picks this one.</summary>
    public static async Task<SiloAddress?> PlaceAsync(Activation activation, Dictionary<string, object>? requestContext)
    {
        try
        {
            var target = new PlacementTarget(activation.GrainId, requestContext!, default, 0);
            var chosen = await activation.Silo.Placement.PlaceAsync(activation.Class, target);
            return chosen.Equals(activation.Silo.Address) ? null : chosen;
        }
        catch (Exception e)
        {
            activation.Logger.LogWarning(e, "No silo was found for {Grain} to move to", activation.GrainId);
            return null;
        }
    }

    /// <summary>True when the other silo has the activation. Errors of participants cost the state only.</summary>
    public async Task<bool> RunAsync()
    {
        if ((silo ?? await PlaceAsync(activation, requestContext)) is not { } target)
        {
            return false;
        }

        try
        {
            RequestContext.Values = requestContext;
            var context = new MigrationContext(
                activation.Silo.Services.GetRequiredService<Serializer>(), [], activation.Address);
            Dehydrate(context);
            (activation.Silo.Directory as DistributedGrainDirectory)?.Forget(activation.Address);
            await activation.Silo.ControlOf(target).AcceptAsync(activation.GrainId, activation.Address, context.Values);
            return true;
        }
        catch (Exception e)
        {
            activation.Logger.LogError(e, "Moving {Grain} to {Silo} failed", activation.GrainId, target);
            return false;
        }
    }

    private void Dehydrate(MigrationContext context)
    {
        try
        {
            (activation.GrainInstance as IGrainMigrationParticipant)?.OnDehydrate(context);
            foreach (var participant in activation.Lifecycle.Participants)
            {
                participant.OnDehydrate(context);
            }
        }
        catch (Exception e)
        {
            activation.Logger.LogError(e, "Dehydrating {Grain} failed; it moves without its state", activation.GrainId);
            context.Values.Clear();
        }
    }
}
