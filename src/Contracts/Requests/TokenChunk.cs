using System.Collections.Immutable;
using Orleans;
using XLLM.Contracts.Ids;

namespace XLLM.Contracts.Requests;

/// <summary>
/// Tokens of one request from one engine step. <c>FirstIndex</c> numbers tokens from 0 within the output, so a receiver can
/// drop what it has and see a gap; without tokens it says nothing. The chunk with an outcome is the last.
/// </summary>
[GenerateSerializer, Immutable, Alias("xllm.TokenChunk")]
public sealed record TokenChunk
{
    [Id(0)] public required RequestId Request { get; init; }

    [Id(1)] public int FirstIndex { get; init; }

    [Id(2)] public ImmutableArray<GeneratedToken> Tokens { get; init; } = [];

    /// <summary>Prompt tokens with log probabilities, once, in the first chunk, when asked for.</summary>
    [Id(3)] public ImmutableArray<GeneratedToken> Prompt { get; init; } = [];

    /// <summary><see cref="RequestOutcome.None"/> until the last chunk.</summary>
    [Id(4)] public RequestOutcome Outcome { get; init; }

    /// <summary>Set in the last chunk.</summary>
    [Id(5)] public RequestUsage? Usage { get; init; }

    /// <summary>The stop token that ended the request, if one did. Not among <see cref="Tokens"/>.</summary>
    [Id(6)] public int? StopToken { get; init; }

    /// <summary>What went wrong, for outcomes that are errors.</summary>
    [Id(7)] public string? Error { get; init; }

    /// <summary>The run it belongs to (<see cref="InferenceRequest.Run"/>).</summary>
    [Id(8)] public int Run { get; init; }

    /// <summary>
    /// The pooled hidden state, not normalised, in the last chunk of a request with <see cref="InferenceRequest.Pooling"/>;
    /// <see cref="Fleet.ModelCard.EmbeddingSize"/> values, else empty.
    /// </summary>
    [Id(9)] public ImmutableArray<float> Embedding { get; init; } = [];
}
