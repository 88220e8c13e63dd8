using System.Globalization;
using System.Text.Json.Nodes;

namespace XLLM.Gateway.Tests.OpenApi;

/// <summary>Draws values that are valid by a schema.</summary>
internal sealed class SchemaSampler(ApiSchemas api, Random random)
{
    private static readonly string[] Texts =
    [
        "", "a", "Hello there", "caf\u00e9 \u2603 \ud83d\ude00\ud83c\udffd", "\u202eright to left\u202c", "zero\0byte", "line\r\nbreak\t", "\u0301\u0301",
        "<think>x</think>", "{\"a\": 1}", "'; DROP TABLE x; --", "{{ 7 * 7 }}", "../../etc/passwd", "\ufffd\ufeff",
    ];

    /// <summary>Share of the fields that need not be there but are.</summary>
    public double Optional { get; set; } = 0.2;

    /// <summary>Ids that earlier answers gave, for fields that name things.</summary>
    public IReadOnlyList<string> Ids { get; set; } = [];

    public JsonNode? Sample(JsonNode schema, int depth = 0)
    {
        JsonObject at = api.Resolve(schema);
        if (at["const"] is { } constant)
        {
            return constant.DeepClone();
        }

        if (at["enum"] is JsonArray choices)
        {
            return Pick(choices)!.DeepClone();
        }

        if (at["anyOf"] is JsonArray variants)
        {
            JsonNode?[] real = [.. variants.Where(v => v!["type"]?.ToString() != "null")];
            return random.Next(8) == 0 ? Sample(Pick(variants)!, depth) : Sample(real[random.Next(real.Length)]!, depth);
        }

        string type = at["type"] is JsonArray types
            ? random.Next(10) == 0 ? Pick(types)!.GetValue<string>() : types[0]!.GetValue<string>()
            : at["type"]?.GetValue<string>() ?? "string";
        return type switch
        {
            "object" => Record(at, depth),
            "array" => List(at, depth),
            "string" => at["x-depends"]?.ToString() is "stored responses" or "uploaded files" && Ids.Count > 0 ? Ids[random.Next(Ids.Count)] : Text(at),
            "integer" => Integer(at),
            "number" => Number(at),
            "boolean" => random.Next(2) == 0,
            _ => null,
        };
    }

    /// <summary>The least value that is valid: fields that must be there, and what these need.</summary>
    public JsonNode? Minimal(JsonNode schema)
    {
        double before = Optional;
        try
        {
            Optional = 0;
            JsonObject at = api.Resolve(schema);
            return at["const"]?.DeepClone() ?? (at["anyOf"] is JsonArray variants
                ? Minimal(variants[0]!)
                : at["enum"] is JsonArray choices
                    ? choices[0]!.DeepClone()
                    : (at["type"] is JsonArray types ? types[0]! : at["type"])?.GetValue<string>() switch
                    {
                        "object" => MinimalRecord(at),
                        "array" => new JsonArray([.. Enumerable.Range(0, at["minItems"]?.GetValue<int>() ?? 0).Select(_ => Minimal(at["items"]!))]),
                        "string" => at["examples"]?[0]?.DeepClone() ?? "a",
                        "integer" => at["minimum"]?.DeepClone() ?? 0,
                        "number" => at["maximum"]?.DeepClone() ?? 0,
                        "boolean" => false,
                        _ => null,
                    });
        }
        finally
        {
            Optional = before;
        }
    }

    private JsonObject MinimalRecord(JsonObject schema)
    {
        var record = new JsonObject();
        foreach (JsonNode? name in schema["required"]?.AsArray() ?? [])
        {
            record[name!.GetValue<string>()] = Minimal(schema["properties"]![name.GetValue<string>()]!);
        }

        return record;
    }

    private JsonObject Record(JsonObject schema, int depth)
    {
        var record = new JsonObject();
        HashSet<string> required = [.. schema["required"]?.AsArray().Select(r => r!.GetValue<string>()) ?? []];
        foreach ((string name, JsonNode? property) in schema["properties"]?.AsObject() ?? [])
        {
            if (required.Contains(name) || random.NextDouble() < Optional)
            {
                record[name] = Sample(property!, depth + 1);
            }
        }

        // Only now: what a field needs beside it wins over what was drawn.
        foreach ((string name, JsonNode? property) in schema["properties"]?.AsObject() ?? [])
        {
            if (record[name] is not null && api.Resolve(property!)["x-with"] is JsonObject beside)
            {
                foreach ((string other, JsonNode? value) in beside)
                {
                    record[other] = value!.DeepClone();
                }
            }
        }

        if (!schema.ContainsKey("properties"))
        {
            AddNames(schema, record, depth);
        }

        return record;
    }

    private void AddNames(JsonObject schema, JsonObject record, int depth)
    {
        bool isTokens = schema["propertyNames"]?["pattern"] is not null;
        for (int i = random.Next(Math.Min(4, 1 + (schema["maxProperties"]?.GetValue<int>() ?? 4))); i > 0; i--)
        {
            string name = isTokens ? random.Next(256).ToString(CultureInfo.InvariantCulture) : "n" + random.Next(1000);
            record[name] = schema["additionalProperties"] is { } value
                ? Sample(value, depth + 1)
                : depth < 6 && random.Next(2) == 0 ? new JsonObject { ["deeper"] = new JsonArray(random.Next(9), Texts[random.Next(Texts.Length)]) } : random.Next(100);
        }
    }

    private JsonArray List(JsonObject schema, int depth)
    {
        int least = schema["minItems"]?.GetValue<int>() ?? 0;
        int most = Math.Min(schema["maxItems"]?.GetValue<int>() ?? 4, least + 3);
        return [.. Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => Sample(schema["items"]!, depth + 1))];
    }

    private string Text(JsonObject schema)
    {
        if (schema["examples"] is JsonArray examples)
        {
            return Pick(examples)!.GetValue<string>();
        }

        int least = schema["minLength"]?.GetValue<int>() ?? 0;
        int most = schema["maxLength"]?.GetValue<int>() ?? 2000;
        string text = random.Next(12) == 0 ? new string((char)random.Next('a', 'z'), random.Next(Math.Min(most, 300))) : Texts[random.Next(Texts.Length)];
        text = text.Length > most ? "a" : text;
        return text.Length < least ? "bb"[..Math.Min(2, most)] : text;
    }

    private JsonNode Integer(JsonObject schema)
    {
        long least = schema["minimum"]?.GetValue<long>() ?? 0;
        long most = schema["maximum"]?.GetValue<long>() ?? 100;
        long near = Math.Max(least, 0);
        return random.Next(20) switch
        {
            0 => least,
            1 => most,
            _ => random.NextInt64(near, Math.Min(most, near + 60) + 1),
        };
    }

    private JsonNode Number(JsonObject schema)
    {
        double least = (schema["minimum"] ?? schema["exclusiveMinimum"])?.GetValue<double>() ?? 0;
        double most = schema["maximum"]?.GetValue<double>() ?? 1;
        return random.Next(10) switch
        {
            0 when schema.ContainsKey("minimum") => least,
            1 => most,
            _ => Math.Min(most, least + ((most - least) * (0.01 + (0.99 * random.NextDouble())))),
        };
    }

    private JsonNode? Pick(JsonArray values) => values[random.Next(values.Count)];
}
