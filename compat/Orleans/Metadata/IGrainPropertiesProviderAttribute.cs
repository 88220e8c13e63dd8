using Orleans.Runtime;

namespace Orleans.Metadata;

/// <summary>An attribute of a grain class that adds to its properties.</summary>
public interface IGrainPropertiesProviderAttribute
{
    void Populate(IServiceProvider services, Type grainClass, GrainType grainType, Dictionary<string, string> properties);
}
