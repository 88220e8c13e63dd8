namespace XLLM.Formats.Gguf;

/// <summary>
/// Which tokens end a generation: those that the file names, and control tokens known by their text, as files often name only
/// one.
/// </summary>
public static class GgufEndTokens
{
    private const string Prefix = "tokenizer.ggml.";
    private const int ControlType = 3;

    private static readonly string[] Roles = ["eos", "eot", "eom"];

    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "<|eot_id|>", "<|eom_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<end_of_turn>", "<|end_of_turn|>",
        "<|endoftext|>", "<|end_of_text|>", "<|EOT|>",
        "<EOT>", "[EOT]", "[EOS]", "</s>", "<end_of_utterance>", "<\uFF5Cend\u2581of\u2581sentence\uFF5C>",
    };

    /// <summary>
    /// Ids within the vocabulary, each once: those named by role (eos, eot, eom) first, then the known ones, ascending. Ids out
    /// of range are left out, as published files have such.
    /// </summary>
    /// <exception cref="ModelFormatException">A value is of the wrong type.</exception>
    public static IReadOnlyList<int> Find(GgufFile file)
    {
        string[] tokens = file.Find(Prefix + "tokens")?.AsStrings() ?? [];
        int[] types = file.Find(Prefix + "token_type")?.AsInt32s() ?? [];
        IEnumerable<int> named = Roles
            .Select(role => file.FindInt64($"{Prefix}{role}_token_id"))
            .Where(id => id >= 0 && id < tokens.Length)
            .Select(id => (int)id!.Value);
        IEnumerable<int> known = Enumerable.Range(0, Math.Min(tokens.Length, types.Length))
            .Where(id => types[id] == ControlType && Known.Contains(tokens[id]));
        List<int> ends = [.. named.Concat(known).Distinct()];

        // In the harmony format <|end|> ends a message, and the generation goes on.
        var texts = ends.Select(id => tokens[id]).ToHashSet(StringComparer.Ordinal);
        if (texts.Contains("<|return|>") && texts.Contains("<|call|>"))
        {
            ends.RemoveAll(id => tokens[id] == "<|end|>");
        }

        return ends;
    }
}
