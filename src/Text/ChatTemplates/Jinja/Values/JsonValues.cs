using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary>JSON as values of the template language, as Python's <c>json.loads</c> would read it.</summary>
internal static class JsonValues
{
    private const int MaxDepth = 128;
    private const int MaxDigits = 1200;

    /// <exception cref="TemplateException">Nested too deeply, a number with too many digits, a string that is no valid text.</exception>
    public static Value Of(JsonElement element, string name) => Of(element, name, MaxDepth);

    private static Value Of(JsonElement element, string name, int depth)
    {
        if (depth == 0)
        {
            throw Error(TemplateErrorKind.Limit, $"{name} is nested deeper than {MaxDepth}");
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                DictValue dict = new();
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    dict.Set(Text(() => property.Name, name), Of(property.Value, name, depth - 1));
                }

                return dict;
            case JsonValueKind.Array:
                return new ListValue([.. element.EnumerateArray().Select(item => Of(item, name, depth - 1))]);
            case JsonValueKind.String:
                return new StringValue(Text(() => element.GetString()!, name));
            case JsonValueKind.Number:
                return Number(element.GetRawText(), name);
            case JsonValueKind.True or JsonValueKind.False:
                return BoolValue.Of(element.ValueKind == JsonValueKind.True);
            default:
                return NoneValue.Instance;
        }
    }

    private static Value Number(string text, string name)
    {
        if (text.Length > MaxDigits)
        {
            throw Error(TemplateErrorKind.Limit, $"{name} has a number of more than {MaxDigits} digits");
        }

        return text.AsSpan().ContainsAny(".eE")
            ? new FloatValue(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture))
            : new IntValue(BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
    }

    /// <summary>System.Text.Json refuses halves of surrogate pairs only when the text is asked for.</summary>
    private static string Text(Func<string> read, string name)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            throw Error(TemplateErrorKind.Evaluation, $"{name} has a string that is no valid Unicode text");
        }
    }

    private static TemplateException Error(TemplateErrorKind kind, string reason) => new(kind, reason, 0);
}
