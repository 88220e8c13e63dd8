namespace XLLM.Scheduling.Offline;

/// <summary>What offline work is paced by, seen at one moment.</summary>
/// <param name="Running">Requests in the batches of all instances.</param>
/// <param name="Waiting">Requests waiting at all instances.</param>
/// <param name="Own">Offline requests in flight that are paced here; part of the two.</param>
/// <param name="TokenSeconds">Longest mean time between two tokens of an instance, seconds; NaN = none was measured.</param>
public readonly record struct OfflineLoad(int Running, int Waiting, int Own, double TokenSeconds);
