namespace XLLM.Simulator.Running;

/// <summary>An instance dies.</summary>
/// <param name="Seconds">When.</param>
/// <param name="Instance">Its number, 0..instances - 1.</param>
/// <param name="BackAfterSeconds">When it is back, empty; infinite = never.</param>
public readonly record struct SimFailure(double Seconds, int Instance, double BackAfterSeconds = double.PositiveInfinity);
