namespace XLLM.Cli.Bench.Points;

/// <summary>A round of a point: the share of time that the host took meanwhile, our rate, and those of the peers that ended.</summary>
internal sealed record Round(double Stolen, double Ours, IReadOnlyDictionary<string, double> Peers);
