using System.Text.Json;
using System.Text.RegularExpressions;

namespace XLLM.Gateway.Tests.EndToEnd;

/// <summary>A JSON Schema validator that shares nothing with src/Grammar: the keywords of these tests, one after the other.</summary>
internal static class PlainValidator
{
    private static readonly HashSet<string> Known =
    [
        "$defs", "$ref", "type", "const", "enum", "anyOf", "properties", "required", "additionalProperties", "items", "minItems", "maxItems",
        "minLength", "maxLength", "pattern", "minimum", "maximum",
    ];

    /// <summary>What is wrong with the value, or null.</summary>
    public static string? Fault(JsonElement schema, JsonElement value) => Fault(schema, schema, value, "$");

    private static string? Fault(JsonElement root, JsonElement schema, JsonElement value, string path)
    {
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            Assert.True(Known.Contains(keyword.Name), $"the validator does not know '{keyword.Name}'");
            if (FaultOf(root, schema, keyword.Name, keyword.Value, value, path) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private static string? FaultOf(
        JsonElement root, JsonElement schema, string keyword, JsonElement says, JsonElement value, string path)
    {
        bool Wrong(bool applies, Func<bool> holds) => applies && !holds();
        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        bool wrong = keyword switch
        {
            "type" => !HasType(says.GetString()!, value),
            "const" => !JsonElement.DeepEquals(says, value),
            "enum" => !says.EnumerateArray().Any(e => JsonElement.DeepEquals(e, value)),
            "anyOf" => says.EnumerateArray().All(s => Fault(root, s, value, path) is not null),
            "required" => Wrong(value.ValueKind == JsonValueKind.Object, () => says.EnumerateArray().All(n => value.TryGetProperty(n.GetString()!, out _))),
            "minItems" => Wrong(value.ValueKind == JsonValueKind.Array, () => value.GetArrayLength() >= says.GetInt32()),
            "maxItems" => Wrong(value.ValueKind == JsonValueKind.Array, () => value.GetArrayLength() <= says.GetInt32()),
            "minLength" => Wrong(value.ValueKind == JsonValueKind.String, () => text.EnumerateRunes().Count() >= says.GetInt32()),
            "maxLength" => Wrong(value.ValueKind == JsonValueKind.String, () => text.EnumerateRunes().Count() <= says.GetInt32()),
            "pattern" => Wrong(value.ValueKind == JsonValueKind.String, () => Regex.IsMatch(text, says.GetString()!, RegexOptions.ECMAScript)),
            "minimum" => Wrong(value.ValueKind == JsonValueKind.Number, () => value.GetDecimal() >= says.GetDecimal()),
            "maximum" => Wrong(value.ValueKind == JsonValueKind.Number, () => value.GetDecimal() <= says.GetDecimal()),
            "additionalProperties" => Wrong(
                value.ValueKind == JsonValueKind.Object && says.ValueKind == JsonValueKind.False,
                () => value.EnumerateObject().All(p => schema.GetProperty("properties").TryGetProperty(p.Name, out _))),
            _ => false,
        };
        if (wrong)
        {
            return $"{path}: {value.GetRawText()} breaks {keyword} {says.GetRawText()}";
        }

        return keyword switch
        {
            "$ref" => Fault(root, root.GetProperty("$defs").GetProperty(says.GetString()!.Split('/')[^1]), value, path),
            "items" when value.ValueKind == JsonValueKind.Array =>
                value.EnumerateArray().Select((v, i) => Fault(root, says, v, $"{path}[{i}]")).FirstOrDefault(f => f is not null),
            "properties" when value.ValueKind == JsonValueKind.Object =>
                value.EnumerateObject().Where(p => says.TryGetProperty(p.Name, out _))
                    .Select(p => Fault(root, says.GetProperty(p.Name), p.Value, $"{path}.{p.Name}")).FirstOrDefault(f => f is not null),
            _ => null,
        };
    }

    private static bool HasType(string type, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => type == "object",
        JsonValueKind.Array => type == "array",
        JsonValueKind.String => type == "string",
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        JsonValueKind.Null => type == "null",
        _ => type == "number" || (type == "integer" && value.GetDecimal() == decimal.Truncate(value.GetDecimal())),
    };
}
