namespace Orleans.Runtime;

/// <summary>Injects a stored state into a grain's constructor.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute, IFacetMetadata
{
    public string StateName { get; } = stateName;

    public string? StorageName { get; } = storageName;
}
