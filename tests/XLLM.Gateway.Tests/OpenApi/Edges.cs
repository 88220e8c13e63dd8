using System.Globalization;
using System.Text.Json.Nodes;

namespace XLLM.Gateway.Tests.OpenApi;

/// <summary>Values at the edges of what a schema allows, inside and outside, and of every other type.</summary>
internal static class Edges
{
    // Longer lists make bodies that say nothing new.
    private const int LongestList = 5_000;

    private static readonly JsonNode?[] OfAllTypes =
        [null, true, 7, 0.5, "odd one", new JsonArray(), new JsonArray(new JsonArray()), new JsonObject(), new JsonObject { ["a"] = 1 }];

    public static IEnumerable<JsonNode?> Of(JsonObject schema)
    {
        foreach (JsonNode? value in OfAllTypes)
        {
            yield return value;
        }

        foreach (JsonNode? value in OfNumbers(schema).Concat(OfLengths(schema)).Concat(schema["enum"]?.AsArray() ?? []))
        {
            yield return value;
        }
    }

    private static IEnumerable<JsonNode?> OfNumbers(JsonObject schema)
    {
        bool isWhole = schema["type"]?.ToJsonString().Contains("integer", StringComparison.Ordinal) == true;
        foreach (string keyword in (string[])["minimum", "exclusiveMinimum", "maximum"])
        {
            if (schema[keyword] is not { } bound)
            {
                continue;
            }

            yield return bound;
            if (isWhole)
            {
                decimal number = decimal.Parse(bound.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);
                yield return JsonNode.Parse((number + (keyword == "maximum" ? 1 : -1)).ToString(CultureInfo.InvariantCulture));
                yield return JsonNode.Parse((number + (keyword == "maximum" ? -1 : 1)).ToString(CultureInfo.InvariantCulture));
                yield return JsonNode.Parse("1.5");
                yield return JsonNode.Parse("1e300");
            }
            else
            {
                double number = bound.GetValue<double>();
                double step = Math.Max(1e-6, Math.Abs(number) * 1e-6);
                yield return keyword == "maximum" ? number + step : number - step;
                yield return keyword == "maximum" ? number - step : number + step;
            }
        }
    }

    private static IEnumerable<JsonNode?> OfLengths(JsonObject schema)
    {
        if (schema["maxLength"]?.GetValue<int>() is { } longest)
        {
            yield return new string('a', longest);
            yield return new string('a', longest + 1);
        }

        if (schema["minLength"]?.GetValue<int>() is { } shortest)
        {
            yield return new string('a', shortest);
            yield return new string('a', shortest - 1);
        }

        if (schema["maxItems"]?.GetValue<int>() is { } most and <= LongestList && schema["items"] is { } items && Simple(items) is { } item)
        {
            yield return new JsonArray([.. Enumerable.Range(0, most).Select(_ => item.DeepClone())]);
            yield return new JsonArray([.. Enumerable.Range(0, most + 1).Select(_ => item.DeepClone())]);
        }

        if (schema["maxProperties"]?.GetValue<int>() is { } names)
        {
            yield return Names(schema, names);
            yield return Names(schema, names + 1);
        }
    }

    private static JsonObject Names(JsonObject schema, int count)
    {
        var record = new JsonObject();
        for (int i = 0; i < count; i++)
        {
            record["n" + i.ToString(CultureInfo.InvariantCulture)] = Simple(schema["additionalProperties"]!)?.DeepClone();
        }

        return record;
    }

    private static JsonNode? Simple(JsonNode schema) => schema["const"]?.DeepClone() ?? schema["type"]?.ToString() switch
    {
        "string" => "a",
        "integer" => 1,
        "number" => 0.5,
        _ => null,
    };
}
