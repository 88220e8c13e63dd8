using System.Text.Json;
using XLLM.Contracts.Requests;

namespace XLLM.Engine.Models;

/// <summary>
/// How a Hugging Face folder's embeddings are pooled: 1_Pooling/config.json, as Sentence Transformers writes it. A folder without
/// one is a language model's; its last token, the only one that has seen all of the text, stands for the text.
/// </summary>
internal static class PoolingConfig
{
    private const string ModePrefix = "pooling_mode_";

    /// <summary>None when it is pooled in a way that is not supported. Errors: <see cref="Formats.ModelFormatException"/>.</summary>
    public static PoolingKind Read(string folder)
    {
        string path = Path.Combine(folder, "1_Pooling", "config.json");
        if (!File.Exists(path))
        {
            return PoolingKind.Last;
        }

        using JsonDocument document = ConfigJson.Load(path);
        string[] modes =
        [
            .. document.RootElement.EnumerateObject()
                .Where(p => p.Name.StartsWith(ModePrefix, StringComparison.Ordinal) && p.Value.ValueKind == JsonValueKind.True)
                .Select(p => p.Name[ModePrefix.Length..]),
        ];

        // Several modes are joined to one long vector.
        return modes switch
        {
            ["lasttoken"] => PoolingKind.Last,
            ["mean_tokens"] => PoolingKind.Mean,
            ["cls_token"] => PoolingKind.First,
            _ => PoolingKind.None,
        };
    }
}
