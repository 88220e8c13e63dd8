using XLLM.Contracts.Requests;

namespace XLLM.Engine.Loop;

/// <summary>What a step gave one of its parts. Written where the step is sampled, read by the engine's thread afterwards.</summary>
internal struct PartResult
{
    /// <summary>Index of the part's first row of logits; -1 when it was left out of the step.</summary>
    public int FirstOutput;

    /// <summary>Index of the part's first hidden state; valid where it has some.</summary>
    public int FirstHidden;

    public PartVerdict Verdict;

    /// <summary>Guesses of the draft that came true: tokens before <see cref="Token"/>, kept in the frame.</summary>
    public int Accepted;

    /// <summary>The token sampled, described where log probabilities are wanted; valid when the part samples.</summary>
    public GeneratedToken Token;
}
