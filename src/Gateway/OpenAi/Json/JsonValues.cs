using System.Text.Json;
using XLLM.Gateway.Errors;

namespace XLLM.Gateway.OpenAi.Json;

/// <summary>Strict readers of single JSON values. Each failure names the path, what came, and what would be right.</summary>
internal static class JsonValues
{
    /// <summary>A string of at most <paramref name="maxLength"/> UTF-16 units.</summary>
    public static string Text(JsonElement value, string path, int maxLength = int.MaxValue)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw WrongType(value, path, "a string");
        }

        string text;
        try
        {
            text = value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Invalid(path, $@"'{path}' has a \u escape that is half of a surrogate pair.");
        }

        return text.Length <= maxLength
            ? text
            : throw ApiException.Invalid(path, $"'{path}' has {text.Length} characters; at most {maxLength} are allowed.");
    }

    public static bool Flag(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw WrongType(value, path, "true or false"),
    };

    /// <summary>A whole number in a closed range. 2.0 and 2e0 are whole.</summary>
    public static long Integer(JsonElement value, string path, long min, long max)
    {
        if (value.ValueKind != JsonValueKind.Number)
        {
            throw WrongType(value, path, "an integer");
        }

        if (!value.TryGetInt64(out long number))
        {
            double real = value.GetDouble();
            bool whole = Math.Abs(real) <= 1L << 53 && Math.Truncate(real) == real;
            if (!whole)
            {
                bool integral = !value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E');
                throw integral ? OutOfRange(value, path, min, max) : WrongType(value, path, "an integer");
            }

            number = (long)real;
        }

        return number >= min && number <= max ? number : throw OutOfRange(value, path, min, max);
    }

    /// <summary>A finite number in a closed range.</summary>
    public static double Number(JsonElement value, string path, double min, double max)
    {
        if (value.ValueKind != JsonValueKind.Number)
        {
            throw WrongType(value, path, "a number");
        }

        double number = value.GetDouble();
        return number >= min && number <= max
            ? number
            : throw ApiException.Invalid(path, $"'{path}' is {Show(value)}; it must be between {min} and {max}.");
    }

    public static JsonElement Array(JsonElement value, string path, int maxLength)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw WrongType(value, path, "an array");
        }

        int length = value.GetArrayLength();
        return length <= maxLength
            ? value
            : throw ApiException.Invalid(path, $"'{path}' has {length} elements; at most {maxLength} are allowed.");
    }

    /// <summary>Refuses values that hold a string no text can have, at any depth, before somebody else reads them.</summary>
    public static void CheckTexts(JsonElement value, string path)
    {
        try
        {
            Walk(value);
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Invalid(path, $@"'{path}' has a \u escape that is half of a surrogate pair.");
        }
    }

    // As deep as the parser lets bodies be.
    private static void Walk(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                value.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in value.EnumerateArray())
                {
                    Walk(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    _ = property.Name;
                    Walk(property.Value);
                }

                break;
        }
    }

    public static ApiException WrongType(JsonElement value, string path, string expected) =>
        ApiException.Invalid(path, $"'{path}' must be {expected}, but is {Describe(value)}.");

    private static ApiException OutOfRange(JsonElement value, string path, long min, long max) =>
        ApiException.Invalid(path, $"'{path}' is {Show(value)}; it must be an integer between {min} and {max}.");

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "the number " + Show(value),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => "null",
    };

    private static string Show(JsonElement number)
    {
        string text = number.GetRawText();
        return text.Length <= 40 ? text : text[..40] + "...";
    }
}
