using XLLM.Text.Detokenizing;
using XLLM.Text.Tokenizers.AddedTokens;
using XLLM.Text.Tokenizers.Decoders;
using XLLM.Text.Tokenizers.Models;
using XLLM.Text.Tokenizers.Normalizers;
using XLLM.Text.Tokenizers.PostProcessors;
using XLLM.Text.Tokenizers.PreTokenizers;

namespace XLLM.Text.Tokenizers;

/// <summary>
/// Added tokens, normalizer, pre-tokenizer, model, post-processor and decoder in the order of Hugging Face tokenizers.
/// </summary>
internal sealed class PipelineTokenizer : Tokenizer
{
    private readonly Vocabulary _vocabulary;
    private readonly AddedVocabulary _added;
    private readonly INormalizer? _normalizer;
    private readonly IPreTokenizer? _preTokenizer;
    private readonly ITokenModel _model;
    private readonly PostProcessor _postProcessor;
    private readonly TokenDecoder _decoder;
    private readonly TokenBytesTable _bytes;

    private readonly TokenizerParts _parts;

    public PipelineTokenizer(TokenizerParts parts)
    {
        _parts = parts;
        _vocabulary = parts.Model.Vocabulary;
        _added = parts.Added;
        _normalizer = parts.Normalizer;
        _preTokenizer = parts.PreTokenizer;
        _model = parts.Model;
        _postProcessor = parts.PostProcessor;
        _decoder = parts.Decoder;
        _bytes = new TokenBytesTable(this, parts.Added, parts.Decoder);
        Config = parts.Config;
        VocabularySize = Math.Max(_vocabulary.Size, _added.Size);
    }

    public override int VocabularySize { get; }

    public override TokenizerConfig Config { get; }

    /// <summary>
    /// The same tokenizer, whose end tokens are the stated ones and the end-of-text token, ids out of range left out.
    /// </summary>
    public PipelineTokenizer WithEndTokens()
    {
        IEnumerable<int> ends = Config.EndTokenIds.Where(id => IdToToken(id) is not null);
        if (Config.EosToken is { } eos && TokenToId(eos) is { } eosId)
        {
            ends = ends.Append(eosId);
        }

        return new PipelineTokenizer(_parts with { Config = Config with { EndTokenIds = [.. ends.Distinct()] } });
    }

    public override IReadOnlyList<int> EncodeToIds(string text, bool addSpecialTokens = true, bool parseSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = WellFormedText.Of(text);
        var ids = new List<int>((text.Length / 3) + 4);
        var sections = new List<Section>();
        _added.Split(text, _normalizer, parseSpecialTokens, sections);
        foreach (Section section in sections)
        {
            if (section.TokenId is { } id)
            {
                ids.Add(id);
            }
            else
            {
                EncodeSection(section, ids);
            }
        }

        return addSpecialTokens ? _postProcessor.Apply(ids) : ids;
    }

    public override IncrementalDetokenizer CreateDetokenizer(bool skipSpecialTokens = true, IReadOnlySet<int>? shown = null) =>
        new(this, _decoder, skipSpecialTokens, shown);

    public override string? IdToToken(int id) => _added.IdToToken(id) ?? _vocabulary.IdToToken(id);

    public override int? TokenToId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return _added.TokenToId(token) ?? _vocabulary.TokenToId(token);
    }

    public override ReadOnlyMemory<byte> TokenBytes(int id) => _bytes.Of(id);

    public override bool IsSpecial(int id) => _added.IsSpecial(id);

    private void EncodeSection(in Section section, List<int> ids)
    {
        var pieces = new List<Piece> { new(section.Text, 0, section.Text.Length, section.AtTextStart) };
        if (_preTokenizer is not null)
        {
            var split = new List<Piece>();
            _preTokenizer.Split(pieces, split);
            pieces = split;
        }

        foreach (Piece piece in pieces)
        {
            if (piece.Length > 0)
            {
                _model.Tokenize(piece.Span, ids);
            }
        }
    }
}
