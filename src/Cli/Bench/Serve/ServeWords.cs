namespace XLLM.Cli.Bench.Serve;

/// <summary>Text for token ids: a short common word for each, which most tokenizers take as one token.</summary>
internal static class ServeWords
{
    private static readonly string[] Words =
    [
        "the", "of", "and", "to", "in", "is", "that", "for", "it", "was", "on", "are", "as", "with", "they", "at", "be", "this", "from", "have",
        "or", "by", "one", "had", "not", "but", "what", "all", "were", "when", "we", "there", "can", "an", "your", "which", "their", "if", "do",
        "will", "each", "how", "them", "then", "many", "some", "so", "these", "would", "other", "into", "has", "more", "two", "like", "see",
        "time", "could", "no", "make", "than", "first", "been", "its",
    ];

    public static string Of(IEnumerable<int> tokens) => string.Join(' ', tokens.Select(t => Words[t % Words.Length]));
}
