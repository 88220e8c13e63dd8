using XLLM.Gateway.Errors;
using XLLM.Text.Detokenizing;
using XLLM.Text.Tokenizers;

namespace XLLM.Gateway.Text;

/// <summary>A loaded tokenizer behind the gateway's seam.</summary>
internal sealed class TokenizerCodec : ITextCodec
{
    private readonly Tokenizer _tokenizer;
    private readonly int? _begin;

    public TokenizerCodec(Tokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        _begin = tokenizer.Config.BosToken is { } begin ? tokenizer.TokenToId(begin) : null;
        LongestTokenBytes = 1;
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            LongestTokenBytes = Math.Max(LongestTokenBytes, tokenizer.TokenBytes(id).Length);
        }
    }

    public int LongestTokenBytes { get; }

    public IReadOnlyList<int> Encode(string text, bool addSpecialTokens)
    {
        try
        {
            IReadOnlyList<int> ids = _tokenizer.EncodeToIds(text, addSpecialTokens);
            bool doubled = addSpecialTokens && ids.Count > 1 && ids[0] == _begin && ids[1] == _begin;
            return doubled ? [.. ids.Skip(1)] : ids;
        }
        catch (TokenizationException exception)
        {
            throw ApiException.Invalid(null, $"The text cannot be tokenized: {exception.Message}");
        }
    }

    public string Decode(IReadOnlyList<int> tokens, bool skipSpecialTokens) => _tokenizer.Decode(tokens, skipSpecialTokens);

    public ReadOnlySpan<byte> BytesOf(int token) => _tokenizer.TokenBytes(token).Span;

    public int? SpecialTokenOf(string text) => _tokenizer.TokenToId(text) is { } id && _tokenizer.IsSpecial(id) ? id : null;

    public ITextStream NewStream(bool skipSpecialTokens, IReadOnlyList<string> shown)
    {
        HashSet<int> ids = [.. shown.Select(_tokenizer.TokenToId).OfType<int>()];
        return new Stream(_tokenizer.CreateDetokenizer(skipSpecialTokens, ids));
    }

    private sealed class Stream(IncrementalDetokenizer detokenizer) : ITextStream
    {
        public string Append(int token) => detokenizer.Append(token);

        public string Finish() => detokenizer.Complete();
    }
}
