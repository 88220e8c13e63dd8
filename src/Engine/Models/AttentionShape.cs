namespace XLLM.Engine.Models;

/// <summary>Shape of an attention op.</summary>
internal readonly record struct AttentionShape
{
    /// <summary>KV layer.</summary>
    public required int Layer { get; init; }

    public required int Heads { get; init; }

    public required int KvHeads { get; init; }

    public required int HeadDim { get; init; }

    /// <summary>Factor of q k^T.</summary>
    public required float Scale { get; init; }

    /// <summary>Tokens seen, itself included; 0 = all.</summary>
    public int Window { get; init; }

    /// <summary>Soft cap of the scores; 0 = none.</summary>
    public float SoftCap { get; init; }
}
