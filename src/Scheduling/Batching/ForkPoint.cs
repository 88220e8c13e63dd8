using XLLM.Scheduling.Blocks;

namespace XLLM.Scheduling.Batching;

/// <summary>
/// The samples of one prompt that an engine has: who computes the prompt, and once that is done its blocks, held for those that
/// have not taken them over yet. Owned by the planner; one thread.
/// </summary>
public sealed class ForkPoint
{
    internal ForkPoint(Sequence first) => First = first;

    /// <summary>The prompt's KV is in the blocks.</summary>
    public bool IsReady { get; internal set; }

    /// <summary>What the engine needs to draw a first token: the logits of the prompt's last row. Null until it has put them here.</summary>
    public object? Logits { get; set; }

    /// <summary>The prompt's blocks while the point is ready, the last one maybe filled in part.</summary>
    internal BlockTable Table { get; } = new();

    /// <summary>Any sample: they have the same prompt.</summary>
    internal Sequence First { get; }

    /// <summary>The one that computes the prompt; null when none does.</summary>
    internal Sequence? Leader { get; set; }

    /// <summary>Leading blocks that are in the prefix index.</summary>
    internal int Committed { get; set; }

    /// <summary>Samples the planner has.</summary>
    internal int Alive { get; set; }

    /// <summary>Samples that do not need the point any more.</summary>
    internal int Served { get; set; }
}
