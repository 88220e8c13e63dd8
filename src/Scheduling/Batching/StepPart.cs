namespace XLLM.Scheduling.Batching;

/// <summary>
/// The next <c>Tokens</c> of a sequence's pending tokens, and how many of the last rows get logits: 0 in the middle of a
/// prompt, 1 where a token is sampled, all of them for a prompt's log probabilities.
/// </summary>
public readonly record struct StepPart(Sequence Sequence, int Tokens, int Outputs)
{
    /// <summary>Position of the first token.</summary>
    public int Start { get; init; }

    /// <summary>The last row is sampled: these are all tokens that the sequence has.</summary>
    public bool Samples { get; init; }

    /// <summary>Rows whose hidden states are pooled, the first of them being the part's row <see cref="HiddenFrom"/>; 0 = none.</summary>
    public int Hidden { get; init; }

    public int HiddenFrom { get; init; }

    /// <summary>The last so many rows are guesses to be verified; they and the row before them have logits.</summary>
    public int Draft { get; init; }
}
