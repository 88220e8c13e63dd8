namespace XLLM.Contracts.Ports;

/// <summary>The silos of the cluster. Implemented in Silo, used by the gateway. Any thread.</summary>
public interface IClusterNodes
{
    /// <summary>Silos this process knows of, by name; the dead among them while the membership keeps them.</summary>
    IReadOnlyList<ClusterNode> Current { get; }
}
