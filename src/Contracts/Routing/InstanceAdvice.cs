using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Routing;

/// <summary>What a router makes of an instance.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="Pool">Name of the elastic pool it is in; empty = the policy has none.</param>
[GenerateSerializer, Immutable, Alias("xllm.InstanceAdvice")]
public readonly record struct InstanceAdvice([property: Id(0)] InstanceId Instance, [property: Id(1)] string Pool)
{
    /// <summary>Samples that the predictor of prompts is fitted to, those of the start-up profile among them.</summary>
    [Id(2)] public long PrefillSamples { get; init; }

    /// <summary>Samples that the predictor of decode steps is fitted to.</summary>
    [Id(3)] public long DecodeSamples { get; init; }

    /// <summary>Mean of |predicted - measured| / measured over recent prompts; NaN = none was measured in service.</summary>
    [Id(4)] public double PrefillError { get; init; }

    /// <summary>The same over recent decode steps.</summary>
    [Id(5)] public double DecodeError { get; init; }

    /// <summary>Share of its time that prompts take, 0..1; NaN = not known yet.</summary>
    [Id(6)] public double PromptShare { get; init; }
}
