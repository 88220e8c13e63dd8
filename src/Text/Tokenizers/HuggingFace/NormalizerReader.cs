using System.Text;
using XLLM.Text.Tokenizers.Normalizers;

namespace XLLM.Text.Tokenizers.HuggingFace;

/// <summary>Reads the <c>normalizer</c> of tokenizer.json.</summary>
internal static class NormalizerReader
{
    /// <summary>The normalizer, or null where there is none.</summary>
    public static INormalizer? Read(JsonField node) => node.IsNull ? null : ReadOne(node);

    private static INormalizer ReadOne(JsonField node)
    {
        switch (node.Type)
        {
            case "Sequence":
                return new SequenceNormalizer([.. node.Field("normalizers").Items().Select(ReadOne)]);
            case "NFC":
                return new UnicodeFormNormalizer(NormalizationForm.FormC);
            case "NFD":
                return new UnicodeFormNormalizer(NormalizationForm.FormD);
            case "NFKC":
                return new UnicodeFormNormalizer(NormalizationForm.FormKC);
            case "NFKD":
                return new UnicodeFormNormalizer(NormalizationForm.FormKD);
            case "Lowercase":
                return new LowercaseNormalizer();
            case "Strip":
                return new StripNormalizer(node.OptionalBool("strip_left", true), node.OptionalBool("strip_right", true));
            case "StripAccents":
                return new StripAccentsNormalizer();
            case "Replace":
                return ReadReplace(node);
            case "Prepend":
                return new PrependNormalizer(node.Field("prepend").AsString());
            case "BertNormalizer":
                bool lowercase = node.OptionalBool("lowercase", true);
                return new BertNormalizer(
                    node.OptionalBool("clean_text", true),
                    node.OptionalBool("handle_chinese_chars", true),
                    node.OptionalBool("strip_accents", lowercase),
                    lowercase);
            case "Nmt":
                return new NmtNormalizer();
            case "Precompiled":
                return ReadPrecompiled(node);
            case "ByteLevel":
                return new ByteLevelNormalizer();
            default:
                throw node.Error($"normalizer \"{node.Type}\" is not supported.");
        }
    }

    private static INormalizer ReadReplace(JsonField node)
    {
        string content = node.Field("content").AsString();
        JsonField pattern = node.Field("pattern");
        string? literal = PatternReader.ReadLiteral(pattern);
        return string.IsNullOrEmpty(literal)
            ? new PatternReplaceNormalizer(PatternReader.Read(pattern), content)
            : new ReplaceNormalizer(literal, content);
    }

    private static PrecompiledNormalizer ReadPrecompiled(JsonField node)
    {
        string base64 = node.OptionalString("precompiled_charsmap") ?? "";
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out int count)
            ? new PrecompiledNormalizer(CharsMap.Parse(bytes.AsSpan(0, count)))
            : throw node.Error("precompiled_charsmap is not base64.");
    }
}
