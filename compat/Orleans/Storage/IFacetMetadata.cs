namespace Orleans;

/// <summary>Marks attributes whose constructor parameter the runtime makes for one activation.</summary>
public interface IFacetMetadata;
