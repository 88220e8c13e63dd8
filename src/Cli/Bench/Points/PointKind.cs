namespace XLLM.Cli.Bench.Points;

/// <summary>What a point of <c>bench engine</c> measures.</summary>
internal enum PointKind
{
    /// <summary>One prompt of Context tokens into an empty KV, logits of its last token.</summary>
    Prefill,

    /// <summary>Streams that have Context tokens each decode one token a step.</summary>
    Decode,

    /// <summary>Streams that have Context tokens decode while as many prompts of Context tokens arrive.</summary>
    Mixed,
}
