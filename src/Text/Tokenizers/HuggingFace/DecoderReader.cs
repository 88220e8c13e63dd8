using XLLM.Text.Tokenizers.Decoders;
using XLLM.Text.Tokenizers.PreTokenizers;

namespace XLLM.Text.Tokenizers.HuggingFace;

/// <summary>Reads the <c>decoder</c> of tokenizer.json.</summary>
internal static class DecoderReader
{
    public static TokenDecoder Read(JsonField node) => node.IsNull ? new SpaceJoiningDecoder() : ReadOne(node);

    private static TokenDecoder ReadOne(JsonField node)
    {
        switch (node.Type)
        {
            case "Sequence":
                return new SequenceDecoder([.. node.Field("decoders").Items().Select(ReadOne)]);
            case "ByteLevel":
                return new ByteLevelDecoder();
            case "ByteFallback":
                return new ByteFallbackDecoder();
            case "Fuse":
                return new FuseDecoder();
            case "Strip":
                return new StripDecoder(
                    PreTokenizerReader.ReadChar(node.Field("content")), Count(node.Field("start")), Count(node.Field("stop")));
            case "Replace":
                return ReadReplace(node);
            case "Metaspace":
                return new MetaspaceDecoder(
                    PreTokenizerReader.ReadReplacement(node), PreTokenizerReader.ReadScheme(node) != PrependScheme.Never);
            case "WordPiece":
                return new WordPieceDecoder(node.OptionalString("prefix") ?? "##", node.OptionalBool("cleanup", true));
            case "BPEDecoder":
                string suffix = node.OptionalString("suffix") ?? "</w>";
                return suffix.Length > 0 ? new SuffixDecoder(suffix) : throw node.Error("the suffix is empty.");
            default:
                throw node.Error($"decoder \"{node.Type}\" is not supported.");
        }
    }

    private static int Count(JsonField node)
    {
        int count = node.AsInt();
        return count is >= 0 and <= 1000 ? count : throw node.Error($"{count} is not from 0 to 1000.");
    }

    private static TokenDecoder ReadReplace(JsonField node)
    {
        string content = node.Field("content").AsString();
        JsonField pattern = node.Field("pattern");
        string? literal = PatternReader.ReadLiteral(pattern);
        return string.IsNullOrEmpty(literal)
            ? new PatternReplaceDecoder(PatternReader.Read(pattern), content)
            : new ReplaceDecoder(literal, content);
    }
}
