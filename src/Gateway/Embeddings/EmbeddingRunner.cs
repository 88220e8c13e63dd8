using System.Collections.Immutable;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Models;

namespace XLLM.Gateway.Embeddings;

/// <summary>
/// Runs texts through the house for their pooled hidden states. Those of one HTTP request go in groups, so that a long list neither
/// fills the engines' queues nor waits for one text at a time.
/// </summary>
internal sealed class EmbeddingRunner(GenerationRunner runner, GatewayOptions options)
{
    private const int GroupSize = 64;

    /// <exception cref="ApiException">The model gives no embeddings.</exception>
    public static void Check(ServedModel model)
    {
        if (model.Card.EmbeddingSize == 0 || model.Card.Pooling == PoolingKind.None)
        {
            throw ApiException.Unsupported(
                "model",
                $"The model '{model.Card.Name}' gives no embeddings: its hidden states are not to be had, or are pooled in a way that is "
                + "not supported (last token, mean and first token are).");
        }
    }

    /// <summary>A vector for each input, not normalised, and the tokens of all.</summary>
    /// <param name="model">One that <see cref="Check"/> lets pass.</param>
    /// <param name="parameters">Key, priority and salt count.</param>
    /// <param name="inputs">Tokens of each text.</param>
    /// <param name="path">The field of the body they came in, for messages.</param>
    /// <param name="aborted">The client left.</param>
    /// <exception cref="ApiException">One was refused, or failed.</exception>
    public async Task<(float[][] Vectors, int Tokens)> RunAsync(
        ServedModel model,
        GenerationParameters parameters,
        ImmutableArray<ImmutableArray<int>> inputs,
        string path,
        CancellationToken aborted)
    {
        var vectors = new List<float[]>(inputs.Length);
        int group = Math.Min(GroupSize, options.MaxGenerations);
        for (int i = 0; i < inputs.Length; i++)
        {
            TokenChecks.CheckPrompt(inputs[i], model.Card.VocabularySize, inputs.Length == 1 ? path : $"{path}[{i}]");
        }

        for (int first = 0; first < inputs.Length; first += group)
        {
            ImmutableArray<ImmutableArray<int>> some = inputs.Slice(first, Math.Min(group, inputs.Length - first));
            await runner.RunAsync(
                model,
                parameters with { Pooling = model.Card.Pooling },
                some,
                AnswerReading.Plain,
                aborted,
                async session =>
                {
                    while (await session.NextAsync() is not null)
                    {
                        // Nothing is written before all have come.
                    }

                    vectors.AddRange(session.Choices.Select(c => c.Embedding.ToArray()));
                });
        }

        return ([.. vectors], inputs.Sum(i => i.Length));
    }
}
