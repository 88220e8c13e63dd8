using System.Collections.Immutable;
using Orleans;
using XLLM.Contracts.Requests;

namespace XLLM.Contracts.Fleet;

/// <summary>What is known of a served model outside the engine.</summary>
[GenerateSerializer, Immutable, Alias("xllm.ModelCard")]
public sealed record ModelCard
{
    /// <summary>Name in the API.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>Architecture family, e.g. <c>qwen3</c>.</summary>
    [Id(1)] public required string Family { get; init; }

    /// <summary>Folder or file it was loaded from, on the silo that has it.</summary>
    [Id(2)] public required string Path { get; init; }

    /// <summary>Longest sequence in tokens, prompt and output together.</summary>
    [Id(3)] public required int ContextLength { get; init; }

    [Id(4)] public required int VocabularySize { get; init; }

    /// <summary>Tokens that end a generation.</summary>
    [Id(5)] public ImmutableArray<int> EndTokens { get; init; } = [];

    /// <summary>Weights in the file, e.g. <c>BF16</c>, <c>Q4_1</c>.</summary>
    [Id(6)] public string WeightType { get; init; } = "";

    [Id(7)] public long Parameters { get; init; }

    /// <summary>Values of a hidden state; 0 = the model gives none.</summary>
    [Id(8)] public int EmbeddingSize { get; init; }

    /// <summary>How its embeddings are pooled; None = it gives none.</summary>
    [Id(9)] public PoolingKind Pooling { get; init; }
}
