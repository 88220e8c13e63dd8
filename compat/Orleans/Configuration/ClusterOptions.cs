namespace Orleans.Configuration;

/// <summary>Names of the cluster and of the service.</summary>
public class ClusterOptions
{
    public const string DefaultClusterId = "default";
    public const string DefaultServiceId = "default";

    /// <summary>Silos with the same id, and the same membership table, are one cluster.</summary>
    public string ClusterId { get; set; } = DefaultClusterId;

    /// <summary>Survives clusters; part of the identity of stored states.</summary>
    public string ServiceId { get; set; } = DefaultServiceId;
}
