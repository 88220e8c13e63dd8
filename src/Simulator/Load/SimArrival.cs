namespace XLLM.Simulator.Load;

/// <summary>A request of a load: when it comes, and how long prompt and answer are, each at least one token.</summary>
public readonly record struct SimArrival(double Seconds, int PromptTokens, int OutputTokens);
