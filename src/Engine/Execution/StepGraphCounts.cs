namespace XLLM.Engine.Execution;

/// <summary>What a runner has recorded and run so far.</summary>
/// <param name="Graphs">Recorded graphs that are kept, at most 32.</param>
/// <param name="Barriers">Barriers of the last graph that was replayed.</param>
/// <param name="Records">Graphs recorded.</param>
/// <param name="Evictions">Graphs given up for others.</param>
/// <param name="FullSteps">Steps replayed whole.</param>
/// <param name="PiecewiseSteps">Steps replayed around attention.</param>
/// <param name="EagerSteps">Steps run op by op.</param>
public readonly record struct StepGraphCounts(
    int Graphs,
    int Barriers,
    long Records,
    long Evictions,
    long FullSteps,
    long PiecewiseSteps,
    long EagerSteps);
