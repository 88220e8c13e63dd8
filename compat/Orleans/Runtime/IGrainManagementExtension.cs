using Orleans.Runtime;

namespace Orleans.Core.Internal;

/// <summary>Ends or moves any grain's activation, by <c>grain.Cast&lt;IGrainManagementExtension&gt;()</c>.</summary>
public interface IGrainManagementExtension : IGrainExtension
{
    ValueTask DeactivateOnIdle();

    ValueTask MigrateOnIdle();
}
