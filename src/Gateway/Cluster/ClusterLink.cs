namespace XLLM.Gateway.Cluster;

/// <summary>A page about the cluster that the host serves beside the gateway; the console links to it.</summary>
/// <param name="Name">As people read it.</param>
/// <param name="Path">On this server, from its root.</param>
public sealed record ClusterLink(string Name, string Path);
