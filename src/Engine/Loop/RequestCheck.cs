using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Requests;

namespace XLLM.Engine.Loop;

/// <summary>
/// The engine's own look at a request before it promises room: what would break a kernel or can never fit is refused here,
/// whoever sent it. Pure; any thread.
/// </summary>
internal static class RequestCheck
{
    private const int MaxTop = 20;

    /// <summary>The refusal and its reason, or None.</summary>
    public static (RequestOutcome Outcome, string Message) Check(InferenceRequest request, InstanceDescriptor instance)
    {
        int prompt = request.PromptTokens.IsDefault ? 0 : request.PromptTokens.Length;
        if (prompt == 0)
        {
            return (RequestOutcome.RejectedInvalid, "The prompt has no tokens; it must have at least one.");
        }

        if (request.Stop.MaxTokens < 1)
        {
            return (RequestOutcome.RejectedInvalid, $"max_tokens is {request.Stop.MaxTokens}; it must be at least 1.");
        }

        if (request.Pooling != PoolingKind.None && PoolingProblem(request, instance.Model) is { } unfit)
        {
            return (RequestOutcome.RejectedInvalid, unfit);
        }

        // The context of the descriptor is the model's or the KV pool's, whichever is smaller.
        int context = instance.Model.ContextLength;
        int generated = request.Pooling == PoolingKind.None ? request.Stop.MaxTokens : 0;
        if ((long)prompt + generated > context)
        {
            return (RequestOutcome.RejectedTooLong,
                $"{prompt} prompt tokens and {generated} to generate are {(long)prompt + generated}; "
                + $"this instance has room for {context} tokens of one request.");
        }

        int vocabulary = instance.Model.VocabularySize;
        foreach (int token in request.PromptTokens)
        {
            if ((uint)token >= (uint)vocabulary)
            {
                return (RequestOutcome.RejectedInvalid, $"Token {token} is not in the vocabulary [0, {vocabulary}).");
            }
        }

        if (ResumedProblem(request, vocabulary) is { } problem)
        {
            return (RequestOutcome.RejectedInvalid, problem);
        }

        foreach (TokenBias bias in request.Sampling.LogitBias.IsDefault ? [] : request.Sampling.LogitBias)
        {
            if ((uint)bias.Token >= (uint)vocabulary || !float.IsFinite(bias.Bias))
            {
                return (RequestOutcome.RejectedInvalid,
                    $"logit_bias {bias.Bias} for token {bias.Token}: the token must be in [0, {vocabulary}), the bias finite.");
            }
        }

        return CheckSampling(request.Sampling, request.Logprobs);
    }

    private static string? PoolingProblem(InferenceRequest request, ModelCard model) =>
        !Enum.IsDefined(request.Pooling) ? $"Pooling {request.Pooling} is not known."
        : model.EmbeddingSize == 0 ? $"The model {model.Name} gives no embeddings."
        : !request.Resumed.IsDefaultOrEmpty ? "A request for an embedding has no output to be resumed with."
        : request.Logprobs.Prompt || request.Group is not null
            ? "A request for an embedding has neither log probabilities of its prompt nor other samples beside it."
            : null;

    // A run that had drawn a stop token, or all tokens it may, had also ended.
    private static string? ResumedProblem(InferenceRequest request, int vocabulary)
    {
        ReadOnlySpan<int> resumed = request.Resumed.AsSpan();
        if (request.Run < 0)
        {
            return $"The run is {request.Run}; it must be at least 0.";
        }

        if (resumed.Length >= request.Stop.MaxTokens)
        {
            return $"The request is resumed with {resumed.Length} tokens of output; max_tokens is {request.Stop.MaxTokens}, "
                + "so at least one less was expected.";
        }

        ImmutableArray<int> stops = request.Stop.StopTokenIds;
        for (int i = 0; i < resumed.Length; i++)
        {
            int token = resumed[i];
            if ((uint)token >= (uint)vocabulary)
            {
                return $"Token {token} of the output the request is resumed with is not in the vocabulary [0, {vocabulary}).";
            }

            if (!stops.IsDefault && stops.Contains(token))
            {
                return $"Token {i} of the output the request is resumed with is the stop token {token}: it has ended there.";
            }
        }

        return null;
    }

    private static (RequestOutcome Outcome, string Message) CheckSampling(SamplingOptions sampling, LogprobOptions logprobs)
    {
        bool finite = float.IsFinite(sampling.Temperature) && float.IsFinite(sampling.PresencePenalty)
            && float.IsFinite(sampling.FrequencyPenalty) && float.IsFinite(sampling.RepetitionPenalty);
        if (!finite || sampling.Temperature < 0 || sampling.RepetitionPenalty <= 0 || !(sampling.TopP > 0)
            || !(sampling.MinP >= 0 && sampling.MinP <= 1) || sampling.TopK < 0)
        {
            return (RequestOutcome.RejectedInvalid,
                $"Sampling is out of range: temperature {sampling.Temperature} (>= 0), top_p {sampling.TopP} (> 0), "
                + $"top_k {sampling.TopK} (>= 0), min_p {sampling.MinP} ([0, 1]), "
                + $"repetition_penalty {sampling.RepetitionPenalty} (> 0), penalties {sampling.PresencePenalty}, "
                + $"{sampling.FrequencyPenalty} (finite).");
        }

        return logprobs.Top is < 0 or > MaxTop
            ? (RequestOutcome.RejectedInvalid, $"top_logprobs is {logprobs.Top}; it must be between 0 and {MaxTop}.")
            : (RequestOutcome.None, "");
    }
}
