using System.Globalization;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Orleans.Placement;

/// <summary>
/// Names a filter and carries its settings as grain properties. Filters run by ascending order, which is unique.
/// </summary>
public abstract class PlacementFilterStrategy
{
    internal const string FiltersProperty = "placement-filter";

    protected PlacementFilterStrategy(int order)
    {
        Order = order;
    }

    public int Order { get; private set; }

    public void Initialize(GrainProperties properties)
    {
        if (GetPlacementFilterGrainProperty("order", properties) is not { } order
            || !int.TryParse(order, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number))
        {
            throw new ArgumentException($"Grain properties lack the order of placement filter '{GetType().Name}'.");
        }

        Order = number;
        AdditionalInitialize(properties);
    }

    public virtual void AdditionalInitialize(GrainProperties properties)
    {
    }

    public void PopulateGrainProperties(
        IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        var name = GetType().Name;
        properties[FiltersProperty] =
            properties.TryGetValue(FiltersProperty, out var others) ? $"{others},{name}" : name;
        properties[Key("order")] = Order.ToString(CultureInfo.InvariantCulture);
        foreach (var (key, value) in GetAdditionalGrainProperties(services, grainClass, grainType, properties))
        {
            properties[Key(key)] = value;
        }
    }

    /// <summary>Settings that <see cref="AdditionalInitialize"/> reads back on the placing silo.</summary>
    protected virtual IEnumerable<KeyValuePair<string, string>> GetAdditionalGrainProperties(
        IServiceProvider services, Type grainClass, GrainType grainType,
            IReadOnlyDictionary<string, string> existingProperties) => [];

    protected string? GetPlacementFilterGrainProperty(string key, GrainProperties properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        return properties.Properties.GetValueOrDefault(Key(key));
    }

    private string Key(string key) => $"{FiltersProperty}.{GetType().Name}.{key}";
}
