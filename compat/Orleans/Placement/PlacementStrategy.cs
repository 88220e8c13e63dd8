using Orleans.Metadata;

namespace Orleans.Runtime;

/// <summary>Names how a grain class is placed; its director does it.</summary>
public abstract class PlacementStrategy
{
    internal const string StrategyProperty = "placement-strategy";

    /// <summary>False when activations are found without the directory, as stateless workers are.</summary>
    public virtual bool IsUsingGrainDirectory => true;

    public virtual void Initialize(GrainProperties properties)
    {
    }

    public virtual void PopulateGrainProperties(
        IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        properties[StrategyProperty] = GetType().Name;
    }
}
