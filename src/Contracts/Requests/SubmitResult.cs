using System.Collections.Immutable;
using Orleans;
using XLLM.Contracts.Routing;

namespace XLLM.Contracts.Requests;

/// <summary>Answer to a submit: the plan when accepted, else the outcome that ended the request.</summary>
[GenerateSerializer, Immutable, Alias("xllm.SubmitResult")]
public sealed record SubmitResult
{
    [Id(0)] public RequestOutcome Rejection { get; init; }

    [Id(1)] public string? Message { get; init; }

    [Id(2)] public RoutePlan? Plan { get; init; }

    /// <summary>When to try again, for capacity rejections.</summary>
    [Id(3)] public TimeSpan? RetryAfter { get; init; }

    /// <summary>How it got there, also when it was refused; empty = the request's grain did not say.</summary>
    [Id(4)] public ImmutableArray<RunStart> Starts { get; init; } = [];

    public bool Accepted => Rejection == RequestOutcome.None;

    public static SubmitResult Accept(RoutePlan plan) => new() { Plan = plan };

    public static SubmitResult Reject(RequestOutcome outcome, string message, TimeSpan? retryAfter = null) =>
        new() { Rejection = outcome, Message = message, RetryAfter = retryAfter };
}
