using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace XLLM.Gateway.Tests.OpenApi;

/// <summary>Validates JSON against the keywords that the document uses.</summary>
internal sealed class SchemaCheck(ApiSchemas api)
{
    /// <summary>The first fault, with its path; null = valid.</summary>
    public string? Find(JsonNode schema, JsonNode? value, string path = "$")
    {
        JsonObject at = api.Resolve(schema);
        if (at["anyOf"] is JsonArray variants)
        {
            string?[] faults = [.. variants.Select(v => Find(v!, value, path))];
            return faults.Contains(null) ? null : $"{path}: no variant fits ({string.Join("; ", faults)})";
        }

        if (at["const"] is { } constant && !JsonNode.DeepEquals(constant, value))
        {
            return $"{path} is not {constant.ToJsonString()}";
        }

        if (at["enum"] is JsonArray choices && !choices.Any(c => JsonNode.DeepEquals(c, value)))
        {
            return $"{path} is not one of {choices.ToJsonString()}";
        }

        if (at["type"] is { } type && !Types(type).Any(t => IsOf(t, value)))
        {
            return $"{path} is not of type {type.ToJsonString()}: {value?.ToJsonString() ?? "null"}";
        }

        return value switch
        {
            JsonObject record => FindInObject(at, record, path),
            JsonArray list => FindInArray(at, list, path),
            JsonValue single when single.GetValueKind() == JsonValueKind.String => Length(at, single.GetValue<string>(), path),
            JsonValue single when single.GetValueKind() == JsonValueKind.Number => Range(at, single, path),
            _ => null,
        };
    }

    private string? FindInObject(JsonObject schema, JsonObject value, string path)
    {
        foreach (JsonNode? name in schema["required"]?.AsArray() ?? [])
        {
            if (!value.ContainsKey(name!.GetValue<string>()))
            {
                return $"{path}.{name} is missing";
            }
        }

        if (schema["maxProperties"]?.GetValue<int>() < value.Count)
        {
            return $"{path} has {value.Count} names";
        }

        if (schema["propertyNames"] is JsonObject names && value.Select(p => Length(names, p.Key, path)).FirstOrDefault(f => f is not null) is { } wrong)
        {
            return wrong;
        }

        JsonObject? properties = schema["properties"]?.AsObject();
        foreach ((string name, JsonNode? item) in value)
        {
            JsonNode? of = properties?[name] ?? schema["additionalProperties"];
            if (of is not null && Find(of, item, $"{path}.{name}") is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private string? FindInArray(JsonObject schema, JsonArray value, string path)
    {
        if (schema["maxItems"]?.GetValue<int>() < value.Count || schema["minItems"]?.GetValue<int>() > value.Count)
        {
            return $"{path} has {value.Count} items";
        }

        return schema["items"] is { } items
            ? value.Select((item, i) => Find(items, item, $"{path}[{i}]")).FirstOrDefault(f => f is not null)
            : null;
    }

    private static string? Length(JsonObject schema, string value, string path) =>
        schema["maxLength"]?.GetValue<int>() < value.Length || schema["minLength"]?.GetValue<int>() > value.Length
            ? $"{path} has {value.Length} characters"
            : schema["pattern"] is { } pattern && !Regex.IsMatch(value, pattern.GetValue<string>()) ? $"{path} is not like {pattern}" : null;

    private static string? Range(JsonObject schema, JsonValue value, string path)
    {
        decimal? number = decimal.TryParse(
            value.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out decimal exact)
            ? exact : null;
        double real = number is { } known ? (double)known : double.Parse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);
        bool isOut = Bound(schema, "minimum") is { } least && (number ?? (decimal)Math.Clamp(real, -1e27, 1e27)) < least
            || Bound(schema, "maximum") is { } most && (number ?? (decimal)Math.Clamp(real, -1e27, 1e27)) > most
            || Bound(schema, "exclusiveMinimum") is { } above && (number ?? (decimal)Math.Clamp(real, -1e27, 1e27)) <= above;
        return isOut ? $"{path} is {value.ToJsonString()}, out of range" : null;
    }

    private static decimal? Bound(JsonObject schema, string keyword) => schema[keyword] is { } bound
        ? decimal.Parse(bound.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture)
        : null;

    private static IEnumerable<string> Types(JsonNode type) =>
        type is JsonArray several ? several.Select(t => t!.GetValue<string>()) : [type.GetValue<string>()];

    private static bool IsOf(string type, JsonNode? value) => value?.GetValueKind() switch
    {
        null or JsonValueKind.Null => type == "null",
        JsonValueKind.Object => type == "object",
        JsonValueKind.Array => type == "array",
        JsonValueKind.String => type == "string",
        JsonValueKind.Number => type == "number" || (type == "integer" && IsWhole(value)),
        _ => type == "boolean",
    };

    private static bool IsWhole(JsonNode value) =>
        !decimal.TryParse(
            value.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out decimal number)
        || decimal.Truncate(number) == number;
}
