using XLLM.Text.Tokenizers.Patterns;

namespace XLLM.Text.Tokenizers.PreTokenizers;

/// <summary>BERT's way: words between whitespace, every punctuation character alone.</summary>
internal static class BertPreTokenizer
{
    /// <summary>ASCII punctuation and symbols, and every Unicode punctuation character.</summary>
    public const string Punctuation = @"[!-/:-@\[-`{-~\p{P}]";

    public static IPreTokenizer Create() => new SequencePreTokenizer(
    [
        new SplitPreTokenizer(Pattern.Parse(@"\s"), SplitBehavior.Removed, invert: false),
        new SplitPreTokenizer(Pattern.Parse(Punctuation), SplitBehavior.Isolated, invert: false),
    ]);
}
