using System.Text.Json;

namespace XLLM.Text.Tokenizers.HuggingFace;

/// <summary>Reads JSON files within limits of size and nesting.</summary>
internal static class JsonFile
{
    private const long MaxBytes = 256L << 20;
    private const int MaxDepth = 64;

    /// <exception cref="TokenizerFormatException">The file is too large or not JSON.</exception>
    public static JsonDocument Open(string path)
    {
        long size = new FileInfo(path).Length;
        if (size > MaxBytes)
        {
            throw new TokenizerFormatException($"{path} has {size} bytes; at most {MaxBytes} are taken.");
        }

        return Parse(File.ReadAllBytes(path), path);
    }

    /// <exception cref="TokenizerFormatException">Not JSON, or nested too deeply.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8, string name)
    {
        ReadOnlySpan<byte> mark = [0xEF, 0xBB, 0xBF];
        if (utf8.Span.StartsWith(mark))
        {
            utf8 = utf8[3..];
        }

        try
        {
            return JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (JsonException e)
        {
            throw new TokenizerFormatException($"{name} is not valid JSON: {e.Message}", e);
        }
    }
}
