using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Routing;

/// <summary>What a router makes of an instance.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="Pool">Name of the elastic pool it is in; empty = the policy has none.</param>
[GenerateSerializer, Immutable, Alias("xllm.InstanceAdvice")]
public readonly record struct InstanceAdvice([property: Id(0)] InstanceId Instance, [property: Id(1)] string Pool);
