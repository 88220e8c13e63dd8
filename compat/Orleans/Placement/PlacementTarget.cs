namespace Orleans.Runtime.Placement;

/// <summary>The grain to be placed, and the context of the request that needs it.</summary>
public readonly struct PlacementTarget(
    GrainId grainIdentity, Dictionary<string, object> requestContextData, GrainInterfaceType interfaceType,
        ushort interfaceVersion)
{
    public GrainId GrainIdentity { get; } = grainIdentity;

    public GrainInterfaceType InterfaceType { get; } = interfaceType;

    public ushort InterfaceVersion { get; } = interfaceVersion;

    /// <summary>May be null.</summary>
    public Dictionary<string, object> RequestContextData { get; } = requestContextData;
}
