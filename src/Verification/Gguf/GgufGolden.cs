using System.Text.Json;
using XLLM.Formats;
using XLLM.Formats.Safetensors;

namespace XLLM.Verification.Gguf;

/// <summary>One prompt of a GGUF golden file, checked.</summary>
internal sealed record GgufGolden(int[] Ids, int[] TopIds, float[] TopLogits, float[] LogSumExp, int[] Greedy, float[] Margins)
{
    /// <summary>Best tokens listed a position.</summary>
    public const int Top = 32;

    /// <summary>The prompts' texts; empty when the file has none.</summary>
    public static string[] Texts(SafetensorsFile file)
    {
        try
        {
            return file.Metadata.TryGetValue("prompts", out string? json) ? JsonSerializer.Deserialize<string[]>(json) ?? [] : [];
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(
                file.Path, $"its metadata 'prompts' is no JSON array of strings: {e.Message.TrimEnd('.')}", e);
        }
    }

    public static GgufGolden? Find(SafetensorsFile file, int index, int vocabulary)
    {
        if (!file.Tensors.ContainsKey($"{index}.ids"))
        {
            return null;
        }

        var golden = new GgufGolden(
            Tokens(file, $"{index}.ids", vocabulary),
            Tokens(file, $"{index}.top_ids", vocabulary),
            Values(file, $"{index}.top_logits"),
            Values(file, $"{index}.logsumexp"),
            Tokens(file, $"{index}.greedy", vocabulary),
            Values(file, $"{index}.margins"));
        int tokens = golden.Ids.Length;
        return golden.TopIds.Length == tokens * Top && golden.TopLogits.Length == tokens * Top
            && golden.LogSumExp.Length == tokens && golden.Greedy.Length == golden.Margins.Length && tokens > 0
            ? golden
            : throw new ModelFormatException(
                file.Path, $"the shapes of prompt {index} do not fit together ({tokens} tokens, {Top} best of each)");
    }

    private static float[] Values(SafetensorsFile file, string key) => file.Require(key).Copy<float>(SafetensorsType.F32);

    private static int[] Tokens(SafetensorsFile file, string key, int vocabulary)
    {
        long[] ids = file.Require(key).Copy<long>(SafetensorsType.I64);
        return ids.All(id => id >= 0 && id < vocabulary)
            ? Array.ConvertAll(ids, id => (int)id)
            : throw new ModelFormatException(file.Path, $"'{key}' has ids outside of the model's vocabulary of {vocabulary}");
    }
}
