using XLLM.Formats.Gguf;
using XLLM.Text.Tokenizers.AddedTokens;
using XLLM.Text.Tokenizers.Decoders;
using XLLM.Text.Tokenizers.Models;
using XLLM.Text.Tokenizers.Normalizers;
using XLLM.Text.Tokenizers.Patterns;
using XLLM.Text.Tokenizers.PostProcessors;
using XLLM.Text.Tokenizers.PreTokenizers;

namespace XLLM.Text.Tokenizers.Gguf;

/// <summary>Builds the tokenizer that a GGUF file's metadata describes, with the meaning that llama.cpp gives it.</summary>
internal static class GgufTokenizerReader
{
    private const char Space = '\u2581';

    /// <exception cref="TokenizerFormatException">Malformed, or of a kind that is not supported.</exception>
    public static Tokenizer Read(GgufFile file) => Build(GgufTokenizerMetadata.Read(file));

    public static Tokenizer Build(GgufTokenizerMetadata metadata) => metadata.Model switch
    {
        "gpt2" => BuildByteLevel(metadata),
        "llama" => BuildSentencePiece(metadata),
        "t5" => BuildUnigram(metadata),
        var other => throw new TokenizerFormatException(
            $"tokenizer.ggml.model is \"{other}\", which is not supported; gpt2, llama and t5 are."),
    };

    private static PipelineTokenizer BuildByteLevel(GgufTokenizerMetadata metadata)
    {
        PreTokenizerPreset preset = PreTokenizerPresets.Get(metadata.Pre);
        var vocabulary = new Vocabulary(metadata.Tokens);
        var merges = MergeTable.Build([.. metadata.Merges.Select(SplitMerge)], vocabulary, prefix: "", lastWins: false);
        var model = new BpeModel(vocabulary, merges, new BpeOptions { IgnoreMerges = preset.IgnoreMerges });
        IPreTokenizer[] steps =
        [
            .. preset.Patterns.Select(p => new SplitPreTokenizer(Pattern.Parse(p), SplitBehavior.Isolated, invert: false)),
            new ByteLevelPreTokenizer(addPrefixSpace: false, split: false),
        ];
        INormalizer? normalizer = metadata.AddSpacePrefix == true ? new PrependNormalizer(" ") : null;
        return Assemble(metadata, normalizer, new SequencePreTokenizer(steps), model, new ByteLevelDecoder(), preset.AddBos,
            addEos: false);
    }

    private static (string Left, string Right) SplitMerge(string merge)
    {
        int space = merge.Length > 1 ? merge.IndexOf(' ', 1) : -1;
        return space > 0
            ? (merge[..space], merge[(space + 1)..])
            : throw new TokenizerFormatException(
                $"tokenizer.ggml.merges has \"{merge}\", which is not two tokens with a space between.");
    }

    private static PipelineTokenizer BuildSentencePiece(GgufTokenizerMetadata metadata)
    {
        bool prefix = metadata.AddSpacePrefix ?? true;
        var model = new SpmModel(new Vocabulary(metadata.Tokens), metadata.Scores, Role(metadata, "unk"));
        return Assemble(metadata, SpaceNormalizer(prefix), null, model, SpaceDecoder(prefix), addBos: true, addEos: false);
    }

    private static PipelineTokenizer BuildUnigram(GgufTokenizerMetadata metadata)
    {
        int unknown = Role(metadata, "unk")
            ?? throw new TokenizerFormatException("A t5 tokenizer needs tokenizer.ggml.unknown_token_id.");
        bool prefix = metadata.AddSpacePrefix ?? true;
        var scores = new double[metadata.Tokens.Count];
        double least = 0;
        for (int id = 0; id < scores.Length; id++)
        {
            GgufTokenType type = metadata.TypeOf(id);
            scores[id] = type switch
            {
                GgufTokenType.Normal or GgufTokenType.Unused => metadata.ScoreOf(id),
                GgufTokenType.UserDefined => 0,
                _ => double.NaN,
            };
            least = type == GgufTokenType.Normal ? Math.Min(least, scores[id]) : least;
        }

        var model = new UnigramModel(new Vocabulary(metadata.Tokens), scores, least, unknown);
        IEnumerable<string> kept = Enumerable.Range(0, scores.Length)
            .Where(id => metadata.TypeOf(id) == GgufTokenType.UserDefined).Select(id => metadata.Tokens[id]);
        var normalizer = new SentencePieceNormalizer(CharsMap.Parse([.. metadata.CharsMap]), kept, prefix,
            metadata.RemoveExtraWhitespaces);
        return Assemble(metadata, normalizer, null, model, SpaceDecoder(prefix), addBos: false, addEos: true);
    }

    private static SequenceNormalizer SpaceNormalizer(bool prefix)
    {
        var replace = new ReplaceNormalizer(" ", Space.ToString());
        return new SequenceNormalizer(prefix ? [new PrependNormalizer(" "), replace] : [replace]);
    }

    private static SequenceDecoder SpaceDecoder(bool prefix)
    {
        TokenDecoder[] always = [new ReplaceDecoder(Space.ToString(), " "), new ByteFallbackDecoder(), new FuseDecoder()];
        return new SequenceDecoder(prefix ? [.. always, new StripDecoder(' ', 1, 0)] : always);
    }

    private static int? Role(GgufTokenizerMetadata metadata, string role) =>
        metadata.SpecialIds.TryGetValue(role, out int id) ? id : null;

    private static PipelineTokenizer Assemble(
        GgufTokenizerMetadata metadata,
        INormalizer? normalizer,
        IPreTokenizer? preTokenizer,
        ITokenModel model,
        TokenDecoder decoder,
        bool addBos,
        bool addEos)
    {
        int[] before = (metadata.AddBos ?? addBos) && Role(metadata, "bos") is { } bos ? [bos] : [];
        int[] after = (metadata.AddEos ?? addEos) && Role(metadata, "eos") is { } eos ? [eos] : [];
        var config = new TokenizerConfig
        {
            SpecialTokens = metadata.SpecialIds.ToDictionary(p => p.Key + "_token", p => metadata.Tokens[p.Value]),
            ChatTemplates = metadata.ChatTemplates,
            EndTokenIds = metadata.EndTokenIds,
        };
        var added = new AddedVocabulary(GgufAddedTokens.Find(metadata), normalizer: null);
        return new PipelineTokenizer(
            new TokenizerParts(added, normalizer, preTokenizer, model, PostProcessor.Around(before, after), decoder, config));
    }
}
