namespace Orleans;

/// <summary>A grain factory with services: of a silo (its co-hosted client), or of a client beside the cluster.</summary>
public interface IClusterClient : IGrainFactory
{
    IServiceProvider ServiceProvider { get; }
}
