namespace XLLM.Cli.Bench.Serve;

/// <summary>
/// A request of a recorded trace: seconds after the first, lengths in tokens, and the ids of its blocks of prompt tokens (equal ids,
/// equal tokens), empty where the trace has none.
/// </summary>
internal sealed record TraceEntry(double Seconds, int InputLength, int OutputLength, int[] Blocks);
