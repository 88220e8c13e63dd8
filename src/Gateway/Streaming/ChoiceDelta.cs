using System.Buffers;
using XLLM.Contracts.Requests;
using XLLM.Text.Answers;

namespace XLLM.Gateway.Streaming;

/// <summary>What is new of a choice since it was last handed out. Reused: valid until the session is asked again.</summary>
internal sealed class ChoiceDelta
{
    private readonly ArrayBufferWriter<char> _text = new(64);

    /// <summary>New text; may be empty, and is where the answer is split into <see cref="Pieces"/>.</summary>
    public ReadOnlySpan<char> Text => _text.WrittenSpan;

    /// <summary>New pieces of an answer that is split; else empty.</summary>
    public AnswerPieces Pieces { get; } = new();

    /// <summary>New tokens, with their log probabilities; only collected when these are wanted.</summary>
    public List<GeneratedToken> Tokens { get; } = [];

    /// <summary>Tokens of the prompt, once, when their log probabilities are wanted.</summary>
    public List<GeneratedToken> Prompt { get; } = [];

    /// <summary>How the choice ended, in its last delta; else <see cref="RequestOutcome.None"/>.</summary>
    public RequestOutcome Outcome { get; set; }

    public bool IsEmpty =>
        _text.WrittenCount == 0 && Pieces.IsEmpty && Tokens.Count == 0 && Prompt.Count == 0 && Outcome == RequestOutcome.None;

    public void Append(string text) => _text.Write(text);

    public void Clear()
    {
        _text.ResetWrittenCount();
        Pieces.Clear();
        Tokens.Clear();
        Prompt.Clear();
        Outcome = RequestOutcome.None;
    }
}
