using XLLM.Text.Tokenizers;
using XLLM.Text.Tokenizers.Decoders;

namespace XLLM.Text.Detokenizing;

/// <summary>
/// Token ids in, text out, for one stream. Text is given out as soon as later tokens cannot change it: an incomplete UTF-8
/// sequence, a run of byte tokens or a space that may be stripped is held back. All increments together equal decoding all ids
/// at once. Not thread-safe.
/// </summary>
public sealed class IncrementalDetokenizer
{
    private readonly Tokenizer _tokenizer;
    private readonly bool _skipSpecialTokens;
    private readonly IReadOnlySet<int>? _shown;
    private readonly OutputStage _output = new();
    private readonly DecoderStage _stage;
    private bool _completed;

    internal IncrementalDetokenizer(Tokenizer tokenizer, TokenDecoder decoder, bool skipSpecialTokens, IReadOnlySet<int>? shown)
    {
        _tokenizer = tokenizer;
        _skipSpecialTokens = skipSpecialTokens;
        _shown = shown;
        _stage = decoder.Start(_output);
    }

    /// <summary>Text that this token makes final; often empty. An id outside of the vocabulary gives nothing.</summary>
    /// <exception cref="InvalidOperationException">The stream is complete.</exception>
    public string Append(int id)
    {
        if (_completed)
        {
            throw new InvalidOperationException("The token stream is complete; a new one needs a new detokenizer.");
        }

        bool skipped = _skipSpecialTokens && _tokenizer.IsSpecial(id) && _shown?.Contains(id) != true;
        if (skipped || _tokenizer.IdToToken(id) is not { } token)
        {
            return "";
        }

        _stage.Append(token);
        _stage.EndToken();
        return _output.Take();
    }

    /// <summary>Text that these tokens make final.</summary>
    public string Append(ReadOnlySpan<int> ids)
    {
        string text = "";
        foreach (int id in ids)
        {
            string more = Append(id);
            text = text.Length == 0 ? more : more.Length == 0 ? text : text + more;
        }

        return text;
    }

    /// <summary>The stream ends: what is still held back, incomplete sequences as U+FFFD. A second call gives nothing.</summary>
    public string Complete()
    {
        if (_completed)
        {
            return "";
        }

        _completed = true;
        _stage.Complete();
        return _output.Take();
    }
}
