using System.Text.Json;

namespace XLLM.Formats.Safetensors;

/// <summary>Reads model.safetensors.index.json: tensor name -> shard file.</summary>
internal static class SafetensorsIndex
{
    private const int MaxBytes = 64 << 20;
    private const int MaxNameBytes = 1_024;

    /// <summary>Errors: <see cref="ModelFormatException"/>, also for a shard name that is no plain file name.</summary>
    public static Dictionary<string, string> Read(string path)
    {
        using MappedFile file = MappedFile.Open(path);
        if (file.Length > MaxBytes)
        {
            throw new ModelFormatException(path, $"the index has {file.Length} bytes; at most {MaxBytes} were expected");
        }

        try
        {
            return Parse(path, file.Slice(0, (int)file.Length));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ModelFormatException(
                path, $"the index is not valid JSON of the expected form: {e.Message.TrimEnd('.')}", e);
        }
    }

    private static Dictionary<string, string> Parse(string path, ReadOnlySpan<byte> json)
    {
        Dictionary<string, string>? map = null;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 8 });
        JsonForm.Enter(ref reader, JsonTokenType.StartObject, "the index");
        while (JsonForm.NextName(ref reader, MaxNameBytes) is { } property)
        {
            if (property != "weight_map")
            {
                reader.Read();
                reader.Skip();
            }
            else if (map is not null)
            {
                throw new JsonException("'weight_map' stands there twice");
            }
            else
            {
                map = ParseMap(path, ref reader);
            }
        }

        while (reader.Read())
        {
        }

        return map ?? throw new JsonException("'weight_map' is missing");
    }

    private static Dictionary<string, string> ParseMap(string path, ref Utf8JsonReader reader)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        JsonForm.Enter(ref reader, JsonTokenType.StartObject, "'weight_map'");
        while (JsonForm.NextName(ref reader, MaxNameBytes) is { } name)
        {
            JsonForm.Enter(ref reader, JsonTokenType.String, $"shard of '{name}'");
            string shard = reader.GetString()!;
            if (!IsPlainName(shard))
            {
                throw new ModelFormatException(
                    path, $"shard '{shard}' of tensor '{name}' is refused; a file name that ends in .safetensors was expected");
            }

            if (!map.TryAdd(name, shard))
            {
                throw new JsonException($"tensor '{name}' stands there twice");
            }
        }

        return map;
    }

    private static bool IsPlainName(string name) =>
        name.Length is > 12 and <= 255
        && name.EndsWith(".safetensors", StringComparison.Ordinal)
        && name.AsSpan().IndexOfAny("/\\:\0") < 0
        && name[0] != '.';
}
