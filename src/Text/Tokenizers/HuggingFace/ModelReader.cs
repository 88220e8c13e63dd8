using System.Text.Json;
using XLLM.Text.Tokenizers.Models;

namespace XLLM.Text.Tokenizers.HuggingFace;

/// <summary>Reads the <c>model</c> of tokenizer.json.</summary>
internal static class ModelReader
{
    private const int MaxAffix = 32;

    public static ITokenModel Read(JsonField node)
    {
        string type = node.Has("type") ? node.Type : Guess(node);
        return type switch
        {
            "BPE" => ReadBpe(node),
            "Unigram" => ReadUnigram(node),
            "WordPiece" => ReadWordPiece(node),
            "WordLevel" => new WordLevelModel(ReadVocabulary(node), node.OptionalString("unk_token")),
            _ => throw node.Error($"model \"{type}\" is not supported; BPE, Unigram, WordPiece and WordLevel are."),
        };
    }

    /// <summary>Files of old versions do not name the model.</summary>
    private static string Guess(JsonField node) =>
        node.Has("merges") ? "BPE"
        : node.Has("unk_id") ? "Unigram"
        : node.Has("max_input_chars_per_word") ? "WordPiece"
        : "WordLevel";

    private static BpeModel ReadBpe(JsonField node)
    {
        Vocabulary vocabulary = ReadVocabulary(node);
        var options = new BpeOptions
        {
            UnknownToken = node.OptionalString("unk_token"),
            FuseUnknown = node.OptionalBool("fuse_unk", false),
            ByteFallback = node.OptionalBool("byte_fallback", false),
            IgnoreMerges = node.OptionalBool("ignore_merges", false),
            ContinuingSubwordPrefix = Affix(node, "continuing_subword_prefix"),
            EndOfWordSuffix = Affix(node, "end_of_word_suffix"),
        };
        List<(string, string)> pairs = ReadMerges(node.Field("merges"), vocabulary.Count);
        var merges = MergeTable.Build(pairs, vocabulary, options.ContinuingSubwordPrefix, lastWins: true);
        return new BpeModel(vocabulary, merges, options);
    }

    private static string Affix(JsonField node, string name)
    {
        string affix = node.OptionalString(name) ?? "";
        return affix.Length <= MaxAffix ? affix : throw node.Field(name).Error($"longer than {MaxAffix} characters.");
    }

    private static List<(string Left, string Right)> ReadMerges(JsonField node, int tokens)
    {
        var pairs = new List<(string, string)>(tokens);
        foreach (JsonField item in node.Items())
        {
            if (item.Value.ValueKind == JsonValueKind.Array)
            {
                JsonField[] both = [.. item.Items().Take(3)];
                pairs.Add(both.Length == 2 ? (both[0].AsString(), both[1].AsString())
                    : throw item.Error("a merge is a pair of tokens."));
                continue;
            }

            string text = item.AsString();
            int space = text.IndexOf(' ');
            if (space < 0 || text.IndexOf(' ', space + 1) >= 0)
            {
                throw item.Error($"merge \"{text}\" is not two tokens with a space between.");
            }

            pairs.Add((text[..space], text[(space + 1)..]));
        }

        return pairs;
    }

    private static Vocabulary ReadVocabulary(JsonField node)
    {
        var tokens = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((string token, JsonField id) in node.Field("vocab").Fields())
        {
            tokens[token] = id.AsInt();
        }

        return new Vocabulary(tokens);
    }

    private static UnigramModel ReadUnigram(JsonField node)
    {
        var pieces = new List<(string, double)>();
        foreach (JsonField item in node.Field("vocab").Items())
        {
            JsonField[] both = [.. item.Items().Take(3)];
            if (both.Length != 2)
            {
                throw item.Error("a piece is a token and its score.");
            }

            pieces.Add((both[0].AsString(), both[1].AsDouble()));
            if (pieces.Count > Vocabulary.MaxSize)
            {
                throw node.Error($"more than {Vocabulary.MaxSize} pieces.");
            }
        }

        int? unknown = node.OptionalInt("unk_id");
        if (unknown is { } id && (id < 0 || id >= pieces.Count))
        {
            throw node.Error($"unk_id {id} is not one of the {pieces.Count} pieces.");
        }

        return new UnigramModel(pieces, unknown, node.OptionalBool("byte_fallback", false));
    }

    private static WordPieceModel ReadWordPiece(JsonField node)
    {
        int longest = node.OptionalInt("max_input_chars_per_word", 100);
        if (longest is < 1 or > 1000)
        {
            throw node.Error($"max_input_chars_per_word is {longest}; it must be from 1 to 1000.");
        }

        return new WordPieceModel(
            ReadVocabulary(node), node.OptionalString("unk_token") ?? "[UNK]", Affix(node, "continuing_subword_prefix"), longest);
    }
}
