namespace XLLM.Text.Tokenizers.Gguf;

/// <summary>
/// Which tokens end a generation: those that the file names, and control tokens known by their text, as files often name only
/// one.
/// </summary>
internal static class GgufEndTokens
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<end_of_turn>", "<|endoftext|>",
        "<|end_of_text|>",
        "<EOT>", "[EOT]", "[EOS]", "</s>", "<end_of_utterance>", "<\uFF5Cend\u2581of\u2581sentence\uFF5C>",
    };

    public static IReadOnlyList<int> Find(GgufTokenizerMetadata metadata)
    {
        var ends = new List<int>();
        foreach (string role in new[] { "eos", "eot", "eom" })
        {
            if (metadata.SpecialIds.TryGetValue(role, out int id))
            {
                ends.Add(id);
            }
        }

        ends.AddRange(Enumerable.Range(0, metadata.Tokens.Count)
            .Where(id => metadata.TypeOf(id) == GgufTokenType.Control && Known.Contains(metadata.Tokens[id])));

        // In the harmony format <|end|> ends a message, and the generation goes on.
        var texts = ends.Select(id => metadata.Tokens[id]).ToHashSet(StringComparer.Ordinal);
        if (texts.Contains("<|return|>") && texts.Contains("<|call|>"))
        {
            ends.RemoveAll(id => metadata.Tokens[id] == "<|end|>");
        }

        return [.. ends.Distinct()];
    }
}
