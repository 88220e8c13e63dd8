using Orleans.Core.Internal;

namespace Orleans.Runtime;

internal sealed class GrainManagementExtension(Activation activation) : IGrainManagementExtension
{
    public ValueTask DeactivateOnIdle()
    {
        activation.Deactivate(new DeactivationReason(
            DeactivationReasonCode.ApplicationRequested,
                $"{nameof(IGrainManagementExtension)}.{nameof(DeactivateOnIdle)} was called."));
        return ValueTask.CompletedTask;
    }

    /// <summary>Nothing happens when placement picks this silo again.</summary>
    public async ValueTask MigrateOnIdle()
    {
        var context = RequestContext.Values;
        if (await Migration.PlaceAsync(activation, context) is { } silo)
        {
            activation.MigrateTo(silo, context);
        }
    }
}
