using System.Text.Json;

namespace XLLM.Gateway.Models;

/// <summary>
/// Reads generation_config.json beside a Hugging Face model. It is advice: what is missing, malformed or out of range is left
/// out, and never keeps a model from being served.
/// </summary>
internal static class SamplingDefaultsFile
{
    private const string Name = "generation_config.json";
    private const long MaxBytes = 1 << 20;

    public static SamplingDefaults Read(string path)
    {
        var file = new FileInfo(Path.Combine(path, Name));
        if (!file.Exists || file.Length > MaxBytes)
        {
            return SamplingDefaults.None;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file.FullName));
            JsonElement root = document.RootElement;
            return root.ValueKind != JsonValueKind.Object ? SamplingDefaults.None : new SamplingDefaults
            {
                Temperature = Number(root, "temperature", 0, 2),
                TopP = Number(root, "top_p", float.Epsilon, 1),
                TopK = (int?)Number(root, "top_k", 0, 1 << 24),
                MinP = Number(root, "min_p", 0, 1),
                RepetitionPenalty = Number(root, "repetition_penalty", float.Epsilon, 2),
            };
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return SamplingDefaults.None;
        }
    }

    private static float? Number(JsonElement root, string name, double min, double max) =>
        root.TryGetProperty(name, out JsonElement value)
        && value.ValueKind == JsonValueKind.Number
        && value.GetDouble() is var number
        && number >= min
        && number <= max
            ? (float)number
            : null;
}
