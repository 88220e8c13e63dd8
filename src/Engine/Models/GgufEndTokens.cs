using System.Collections.Immutable;
using XLLM.Formats.Gguf;

namespace XLLM.Engine.Models;

/// <summary>
/// The tokens that end a generation. Files name one or two of them; chat models end turns with others, which are known by
/// their text when they are control tokens.
/// </summary>
internal static class GgufEndTokens
{
    private const int ControlType = 3;
    private const int UserDefinedType = 4;

    private static readonly string[] Keys = ["eos_token_id", "eot_token_id", "eom_token_id"];

    private static readonly HashSet<string> Texts = new(StringComparer.Ordinal)
    {
        "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|end|>", "<|return|>", "<|call|>",
        "<end_of_turn>", "<|end_of_turn|>", "<|EOT|>", "<EOT>", "<｜end▁of▁sentence｜>", "</s>",
    };

    public static ImmutableArray<int> Find(GgufFile file)
    {
        var ids = new SortedSet<int>();
        foreach (string key in Keys)
        {
            if (file.Find("tokenizer.ggml." + key) is { } value)
            {
                ids.Add(value.AsInt32());
            }
        }

        if (file.Find("tokenizer.ggml.tokens") is { } tokens && file.Find("tokenizer.ggml.token_type") is { } types)
        {
            AddByText(tokens.AsStrings(), types.AsInt32s(), ids);
        }

        return [.. ids];
    }

    private static void AddByText(string[] tokens, int[] types, SortedSet<int> ids)
    {
        for (int i = 0; i < Math.Min(tokens.Length, types.Length); i++)
        {
            if (types[i] is ControlType or UserDefinedType && Texts.Contains(tokens[i]))
            {
                ids.Add(i);
            }
        }
    }
}
