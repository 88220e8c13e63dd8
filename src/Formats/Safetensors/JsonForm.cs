using System.Collections.Immutable;
using System.Text.Json;

namespace XLLM.Formats.Safetensors;

/// <summary>Steps of a JSON reader that must meet a given form. Errors: <see cref="JsonException"/>.</summary>
internal static class JsonForm
{
    /// <summary>Reads the next token, which must be of the given type.</summary>
    public static void Enter(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw new JsonException($"{what} should be {type}, found {reader.TokenType}");
        }
    }

    /// <summary>The next property's name, or null at the object's end.</summary>
    public static string? NextName(ref Utf8JsonReader reader, int maxBytes)
    {
        if (!reader.Read() || reader.TokenType == JsonTokenType.EndObject)
        {
            return null;
        }

        return reader.ValueSpan.Length <= maxBytes
            ? reader.GetString()
            : throw new JsonException($"a name of {reader.ValueSpan.Length} bytes; at most {maxBytes} were expected");
    }

    /// <summary>An array of at most <paramref name="most"/> integers >= 0.</summary>
    public static ImmutableArray<long> Numbers(ref Utf8JsonReader reader, int most, string what)
    {
        Enter(ref reader, JsonTokenType.StartArray, what);
        Span<long> numbers = stackalloc long[8];
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0 || count == most)
            {
                throw new JsonException($"{what} should be at most {most} integers from 0 to {long.MaxValue}");
            }

            numbers[count++] = number;
        }

        return ImmutableArray.Create(numbers[..count]);
    }
}
