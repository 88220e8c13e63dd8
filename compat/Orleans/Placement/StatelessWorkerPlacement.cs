using System.Globalization;
using Orleans.Metadata;

namespace Orleans.Runtime;

internal sealed class StatelessWorkerPlacement(int maxLocal) : PlacementStrategy
{
    private const string MaxLocalProperty = "max-local-workers";

    public StatelessWorkerPlacement()
        : this(-1)
    {
    }

    public int MaxLocal { get; private set; } = maxLocal > 0 ? maxLocal : Environment.ProcessorCount;

    public override bool IsUsingGrainDirectory => false;

    public override void Initialize(GrainProperties properties)
    {
        if (properties.Properties.TryGetValue(MaxLocalProperty, out var text))
        {
            MaxLocal = int.Parse(text, CultureInfo.InvariantCulture);
        }
    }

    public override void PopulateGrainProperties(
        IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties)
    {
        base.PopulateGrainProperties(services, grainClass, grainType, properties);
        properties[MaxLocalProperty] = MaxLocal.ToString(CultureInfo.InvariantCulture);
    }
}
