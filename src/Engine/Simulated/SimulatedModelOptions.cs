using XLLM.Contracts.Requests;

namespace XLLM.Engine.Simulated;

/// <summary>Shape of a simulated model.</summary>
public sealed record SimulatedModelOptions
{
    public string Name { get; init; } = "simulated";

    /// <summary>Tokens are [0, VocabularySize).</summary>
    public int VocabularySize { get; init; } = 256;

    public int ContextLength { get; init; } = 4096;

    public int BlockTokens { get; init; } = 16;

    public int Blocks { get; init; } = 512;

    /// <summary>Layers, each with its own KV.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Sequences that can have a range of addresses; 0 = block lists only.</summary>
    public int Ranges { get; init; }

    /// <summary>Most mappings the ranges may have.</summary>
    public int MappingLimit { get; init; } = 30_000;

    public int MaxTokens { get; init; } = 512;

    public int MaxOutputs { get; init; } = 128;

    /// <summary>Values of a hidden state; 0 = it gives none.</summary>
    public int EmbeddingSize { get; init; } = 64;

    public PoolingKind Pooling { get; init; } = PoolingKind.Last;

    /// <summary>Token that ends a generation; drawn about as often as any other.</summary>
    public int EndToken { get; init; }
}
