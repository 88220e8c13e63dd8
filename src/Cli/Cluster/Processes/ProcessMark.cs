namespace XLLM.Cli.Cluster.Processes;

/// <summary>
/// A process that cannot be mistaken: ids are used again, so the moment of its start belongs to it.
/// </summary>
/// <param name="Id">Process id.</param>
/// <param name="Started">Start in the system's own unit (on Linux clock ticks since boot); compared, never converted.</param>
internal sealed record ProcessMark(int Id, long Started);
