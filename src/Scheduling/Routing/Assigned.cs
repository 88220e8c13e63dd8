namespace XLLM.Scheduling.Routing;

/// <summary>Work a router gave to an instance since that instance's newest load report.</summary>
public readonly record struct Assigned(int Requests, long PromptTokens);
