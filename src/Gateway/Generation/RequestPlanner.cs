using System.Collections.Immutable;
using System.Diagnostics;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Blocks;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Models;
using XLLM.Gateway.Structure;

namespace XLLM.Gateway.Generation;

/// <summary>Checked parameters and tokens to the requests that travel: one for each prompt and choice, prompt by prompt.</summary>
internal sealed class RequestPlanner(GatewayOptions options, TimeProvider time, ISeedSource seeds, IPromptHasher hasher)
{
    /// <summary>Makes the requests.</summary>
    /// <param name="model">The model they are for.</param>
    /// <param name="parameters">Checked parameters.</param>
    /// <param name="prompts">Tokens of each prompt.</param>
    /// <param name="structure">The form that the outputs must have; null = any.</param>
    /// <exception cref="ApiException">A token outside the vocabulary, an empty prompt, or one too long.</exception>
    public ImmutableArray<InferenceRequest> Plan(
        ServedModel model, GenerationParameters parameters, IReadOnlyList<ImmutableArray<int>> prompts, AnswerStructure? structure = null)
    {
        CheckEnd(parameters, structure);
        TokenChecks.Check(parameters, model.Card.VocabularySize);
        DateTimeOffset now = time.GetUtcNow();
        SamplingOptions sampling = SamplingOf(parameters, model.Text.Defaults);
        ulong seed = parameters.Seed ?? seeds.Next();
        ImmutableArray<int> stopTokens = StopTokensOf(parameters, model);
        var requests = ImmutableArray.CreateBuilder<InferenceRequest>(prompts.Count * parameters.Choices);
        for (int p = 0; p < prompts.Count; p++)
        {
            ImmutableArray<int> prompt = prompts[p];
            string path = prompts.Count == 1 ? "prompt" : $"prompt[{p}]";
            TokenChecks.CheckPrompt(prompt, model.Card.VocabularySize, path);
            int maxTokens = ContextLimit.MaxTokensOf(parameters, prompt.Length, model.Card.ContextLength);
            // Its own blocks must be computed for a prompt of whose tokens more is wanted than what follows the last.
            ImmutableArray<BlockHash> hashes = parameters.Logprobs.Prompt || parameters.Pooling is PoolingKind.Mean or PoolingKind.First
                ? []
                : hasher.Hash(prompt, model.BlockTokens, parameters.CacheSalt);
            SampleGroup? group =
                parameters.Choices > 1 ? new SampleGroup(RequestId.New().Value, parameters.Choices) : null;
            for (int i = 0; i < parameters.Choices; i++)
            {
                requests.Add(new InferenceRequest
                {
                    Id = RequestId.New(),
                    Model = model.Card.Name,
                    PromptTokens = prompt,
                    BlockHashes = hashes,
                    Sampling = sampling with { Seed = SeedDerivation.ForChoice(seed, i) },
                    Stop = new StopOptions
                    {
                        MaxTokens = maxTokens,
                        MinTokens = Math.Min(parameters.MinTokens, maxTokens),
                        StopTokenIds = stopTokens,
                    },
                    Logprobs = parameters.Logprobs,
                    Priority = parameters.Priority,
                    Slo = parameters.Slo,
                    Structure = structure?.Root,
                    Thinking = structure?.Thinking,
                    Arrival = now,
                    QueueDeadline = now + options.QueueTimeout,
                    CacheSalt = parameters.CacheSalt,
                    Pooling = parameters.Pooling,
                    Group = group,
                    TraceParent = Activity.Current?.Recorded == true ? Activity.Current.Id ?? "" : "",
                });
            }
        }

        return requests.MoveToImmutable();
    }

    // A text of a form ends where the form says.
    private static void CheckEnd(GenerationParameters parameters, AnswerStructure? structure)
    {
        if (structure is null || (!parameters.IgnoreEos && parameters.MinTokens == 0))
        {
            return;
        }

        string name = parameters.IgnoreEos ? "ignore_eos" : "min_tokens";
        throw ApiException.Invalid(name, $"'{name}' cannot be kept together with structured output, which says itself where it ends.");
    }

    private static ImmutableArray<int> StopTokensOf(GenerationParameters parameters, ServedModel model) =>
        parameters.IgnoreEos
            ? parameters.StopTokenIds
            : [.. model.Card.EndTokens.Union(parameters.StopTokenIds)];

    private static SamplingOptions SamplingOf(GenerationParameters parameters, SamplingDefaults defaults) => new()
    {
        Temperature = parameters.Temperature ?? defaults.Temperature ?? 1,
        TopP = parameters.TopP ?? defaults.TopP ?? 1,
        TopK = parameters.TopK ?? defaults.TopK ?? 0,
        MinP = parameters.MinP ?? defaults.MinP ?? 0,
        PresencePenalty = parameters.PresencePenalty,
        FrequencyPenalty = parameters.FrequencyPenalty,
        RepetitionPenalty = parameters.RepetitionPenalty ?? defaults.RepetitionPenalty ?? 1,
        LogitBias = parameters.LogitBias,
    };
}
