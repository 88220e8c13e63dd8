namespace XLLM.Simulator.Results;

/// <summary>One policy on a fleet of one size.</summary>
/// <param name="Instances">Size of the fleet.</param>
/// <param name="Policy">Name as given.</param>
/// <param name="Rate">Requests a second: the highest found with the wanted attainment, or the one that was asked for.</param>
/// <param name="Result">The run at that rate.</param>
public sealed record ComparisonRow(int Instances, string Policy, double Rate, SimulationResult Result);
