using System.Collections.Immutable;
using XLLM.Contracts.Requests;

namespace XLLM.Engine.Models;

/// <summary>A model's shape, from config.json or GGUF metadata, checked. Sizes are in elements.</summary>
internal sealed record ModelConfig
{
    /// <summary>Key of the family, e.g. <c>qwen3</c>.</summary>
    public required string Architecture { get; init; }

    public required int HiddenSize { get; init; }

    public required int IntermediateSize { get; init; }

    public required int Layers { get; init; }

    public required int Heads { get; init; }

    /// <summary>Heads of K and V; divides <see cref="Heads"/>.</summary>
    public required int KvHeads { get; init; }

    /// <summary>Even.</summary>
    public required int HeadDim { get; init; }

    public required int VocabularySize { get; init; }

    public required int ContextLength { get; init; }

    public required float NormEpsilon { get; init; }

    /// <summary>The output matrix is the embedding table.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>Biases on q, k and v.</summary>
    public bool QkvBias { get; init; }

    /// <summary>Bias on the attention's output projection.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Biases on the feed-forward projections.</summary>
    public bool MlpBias { get; init; }

    public required RopeConfig Rope { get; init; }

    /// <summary>For each layer, the tokens that attention sees (itself included); 0 = all.</summary>
    public required ImmutableArray<int> Windows { get; init; }

    /// <summary>Tokens that end a generation; ascending.</summary>
    public ImmutableArray<int> EndTokens { get; init; } = [];

    /// <summary>How embeddings are pooled; None = in a way that is not supported.</summary>
    public PoolingKind Pooling { get; init; } = PoolingKind.Last;

    /// <summary>The file's own name for itself, or empty.</summary>
    public string Title { get; init; } = "";
}
