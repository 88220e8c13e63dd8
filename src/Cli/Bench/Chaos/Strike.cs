namespace XLLM.Cli.Bench.Chaos;

/// <summary>A fault as it was made: when it really began, seconds after the run's start, and why it failed, if it did.</summary>
internal sealed record Strike(Fault Fault, double Began, string? Error);
