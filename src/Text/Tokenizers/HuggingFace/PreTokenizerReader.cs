using XLLM.Text.Tokenizers.Patterns;
using XLLM.Text.Tokenizers.PreTokenizers;

namespace XLLM.Text.Tokenizers.HuggingFace;

/// <summary>Reads the <c>pre_tokenizer</c> of tokenizer.json.</summary>
internal static class PreTokenizerReader
{
    /// <summary>The pre-tokenizer, or null where there is none.</summary>
    public static IPreTokenizer? Read(JsonField node) => node.IsNull ? null : ReadOne(node);

    /// <summary>Reads a character given as a string.</summary>
    public static char ReadChar(JsonField node)
    {
        string text = node.AsString();
        return text.Length == 1 ? text[0] : throw node.Error($"\"{text}\" is not one character of the basic plane.");
    }

    private static IPreTokenizer ReadOne(JsonField node)
    {
        switch (node.Type)
        {
            case "Sequence":
                return new SequencePreTokenizer([.. node.Field("pretokenizers").Items().Select(ReadOne)]);
            case "ByteLevel":
                return new ByteLevelPreTokenizer(node.OptionalBool("add_prefix_space", true),
                    node.OptionalBool("use_regex", true));
            case "Split":
                return new SplitPreTokenizer(
                    PatternReader.Read(node.Field("pattern")), Behavior(node.Field("behavior")),
                        node.OptionalBool("invert", false));
            case "Metaspace":
                return ReadMetaspace(node);
            case "Whitespace":
                return new SplitPreTokenizer(Pattern.Parse(@"[\w\u200C\u200D]+|[^\w\s\u200C\u200D]+"), SplitBehavior.Removed,
                    invert: true);
            case "WhitespaceSplit":
                return new SplitPreTokenizer(Pattern.Parse(@"\s"), SplitBehavior.Removed, invert: false);
            case "Digits":
                bool individual = node.OptionalBool("individual_digits", false);
                return new SplitPreTokenizer(
                    Pattern.Parse(@"\p{N}"), individual ? SplitBehavior.Isolated : SplitBehavior.Contiguous, invert: false);
            case "Punctuation":
                SplitBehavior behavior = node.Has("behavior") ? Behavior(node.Field("behavior")) : SplitBehavior.Isolated;
                return new SplitPreTokenizer(Pattern.Parse(BertPreTokenizer.Punctuation), behavior, invert: false);
            case "BertPreTokenizer":
                return BertPreTokenizer.Create();
            case "CharDelimiterSplit":
                string delimiter = ReadChar(node.Field("delimiter")).ToString();
                return new SplitPreTokenizer(Pattern.Literal(delimiter), SplitBehavior.Removed, invert: false);
            default:
                throw node.Error($"pre-tokenizer \"{node.Type}\" is not supported.");
        }
    }

    private static SplitBehavior Behavior(JsonField node) => node.AsString() switch
    {
        "Removed" => SplitBehavior.Removed,
        "Isolated" => SplitBehavior.Isolated,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        var other => throw node.Error($"behavior \"{other}\" is not known."),
    };

    private static MetaspacePreTokenizer ReadMetaspace(JsonField node) =>
        new(ReadReplacement(node), ReadScheme(node), node.OptionalBool("split", true));

    /// <summary>The Metaspace replacement character.</summary>
    public static char ReadReplacement(JsonField node) =>
        node.Has("replacement") ? ReadChar(node.Field("replacement")) : '\u2581';

    /// <summary>The Metaspace prepend scheme, in its new or its old form.</summary>
    public static PrependScheme ReadScheme(JsonField node) => node.OptionalString("prepend_scheme") switch
    {
        "always" => PrependScheme.Always,
        "first" => PrependScheme.First,
        "never" => PrependScheme.Never,
        null => node.OptionalBool("add_prefix_space", true) ? PrependScheme.Always : PrependScheme.Never,
        var other => throw node.Error($"prepend_scheme \"{other}\" is not known."),
    };
}
