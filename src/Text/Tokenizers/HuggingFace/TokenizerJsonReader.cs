using System.Text.Json;
using XLLM.Text.Tokenizers.AddedTokens;
using XLLM.Text.Tokenizers.Models;
using XLLM.Text.Tokenizers.Normalizers;

namespace XLLM.Text.Tokenizers.HuggingFace;

/// <summary>Reads tokenizer.json, the format of Hugging Face tokenizers (version 1.0), with the same meaning.</summary>
internal static class TokenizerJsonReader
{
    private const int MaxAddedTokens = 200_000;

    /// <exception cref="TokenizerFormatException">Malformed, or with a component that is not supported.</exception>
    public static PipelineTokenizer Read(JsonDocument document, TokenizerConfig config, string name)
    {
        var root = new JsonField(document.RootElement, name);
        ITokenModel model = ModelReader.Read(root.Field("model"));
        INormalizer? normalizer = NormalizerReader.Read(root.Field("normalizer"));
        List<AddedToken> added = ReadAdded(root.Field("added_tokens"));
        var parts = new TokenizerParts(
            new AddedVocabulary(added, normalizer),
            normalizer,
            PreTokenizerReader.Read(root.Field("pre_tokenizer")),
            model,
            PostProcessorReader.Read(root.Field("post_processor")),
            DecoderReader.Read(root.Field("decoder")),
            config);
        return new PipelineTokenizer(parts);
    }

    private static List<AddedToken> ReadAdded(JsonField node)
    {
        var tokens = new List<AddedToken>();
        if (node.IsNull)
        {
            return tokens;
        }

        foreach (JsonField item in node.Items())
        {
            int id = item.Field("id").AsInt();
            if (id is < 0 or >= Vocabulary.MaxSize)
            {
                throw item.Error($"id {id} is not from 0 to {Vocabulary.MaxSize - 1}.");
            }

            bool special = item.OptionalBool("special", false);
            tokens.Add(new AddedToken(
                id,
                item.Field("content").AsString(),
                special,
                item.OptionalBool("normalized", !special),
                item.OptionalBool("lstrip", false),
                item.OptionalBool("rstrip", false),
                item.OptionalBool("single_word", false)));
            if (tokens.Count > MaxAddedTokens)
            {
                throw node.Error($"more than {MaxAddedTokens} added tokens.");
            }
        }

        return tokens;
    }
}
