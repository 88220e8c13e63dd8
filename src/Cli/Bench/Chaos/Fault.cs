namespace XLLM.Cli.Bench.Chaos;

/// <summary>One fault: when it begins, seconds after the start; whom it hits (number of the engine); how long it lasts in seconds.</summary>
internal sealed record Fault(double At, FaultKind Kind, int Engine, double Seconds);
