namespace XLLM.Contracts.Ports;

/// <summary>A silo as the membership has it.</summary>
/// <param name="Name">Its name; instances of its engines begin with it.</param>
/// <param name="Address">Endpoint and generation: its incarnation.</param>
/// <param name="Status">Joining, Active, ShuttingDown, Stopping or Dead.</param>
/// <param name="Metadata">What it tells of itself; empty when it has not yet.</param>
public sealed record ClusterNode(string Name, string Address, string Status, IReadOnlyDictionary<string, string> Metadata);
