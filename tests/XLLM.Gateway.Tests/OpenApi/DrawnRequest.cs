using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace XLLM.Gateway.Tests.OpenApi;

/// <summary>A request drawn from the document: valid, or with something wrong. The same seed and document draw the same one.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Url">Path and query.</param>
/// <param name="Operation">What the document says of it.</param>
/// <param name="Body">Bytes of the body; null = none.</param>
/// <param name="MediaType">Of the body.</param>
/// <param name="Fault">What was made wrong; null = nothing.</param>
internal sealed record DrawnRequest(
    string Method, string Url, JsonObject Operation, byte[]? Body, string MediaType, string? Fault)
{
    private static readonly string[] WrongTypes =
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "", "application/jsonp"];

    private static readonly string[] OddJson =
    [
        "null", "true", "-1", "0", "1e999", "-1e999", "0.5", "99999999999999999999", "2147483648", "-9223372036854775809", "\"\"", "\"\\ud800\"",
        "\"\\u0000\"", "[]", "{}", "[[[[]]]]", "{\"\\udfff\":1}", "\"toy\"", "[null]", "1E400", "-0", "\"\u20ac\"", "[1,\"a\",{}]", "{\"type\":\"x\"}",
    ];

    public override string ToString()
    {
        string body = Body is null ? "" : Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(Body.Length, 1500)));
        return $"{Method} {Url} ({MediaType}; {Fault ?? "valid"}): {body}{(Body?.Length > 1500 ? $"... ({Body.Length} bytes)" : "")}";
    }

    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(new HttpMethod(Method), Url);
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            message.Content.Headers.ContentType = MediaType.Length == 0 ? null : MediaTypeHeaderValue.Parse(MediaType);
        }

        return message;
    }

    /// <summary>Draws one. <paramref name="ids"/> are names of things that are there.</summary>
    public static DrawnRequest Draw(ApiSchemas api, Random random, IReadOnlyList<string> ids)
    {
        (string method, string path, JsonObject operation)[] all = [.. api.Operations];
        (string method, string path, JsonObject operation)[] withBody = [.. all.Where(o => ApiSchemas.BodyOf(o.operation) is not null)];
        (string method, string path, JsonObject operation) = random.Next(6) == 0 ? all[random.Next(all.Length)] : withBody[random.Next(withBody.Length)];
        var sampler = new SchemaSampler(api, random) { Optional = random.Next(3) switch { 0 => 0.02, 1 => 0.1, _ => 0.3 }, Ids = ids };
        string url = UrlOf(path, operation, sampler, random, ids);
        if (operation["requestBody"]?["content"]?["multipart/form-data"] is not null)
        {
            return DrawnUpload.Draw(api, random, url, operation);
        }

        if (ApiSchemas.BodyOf(operation) is not { } schema)
        {
            return new DrawnRequest(method, url, operation, null, "", null);
        }

        JsonNode body = sampler.Sample(schema)!;
        Tame(body, random);
        return random.Next(10) < 5
            ? new DrawnRequest(method, url, operation, Encoding.UTF8.GetBytes(body.ToJsonString()), "application/json", null)
            : Spoil(method, url, operation, body, random);
    }

    // Without a limit an answer goes on to the end of the context, which takes its time.
    private static void Tame(JsonNode body, Random random)
    {
        if (body is JsonObject record && random.Next(8) > 0)
        {
            foreach (string name in (string[])["n", "min_tokens", "max_tokens", "max_completion_tokens", "max_output_tokens"])
            {
                if (record[name] is JsonValue value && value.TryGetValue(out long number) && number > 40)
                {
                    record[name] = 1 + random.Next(8);
                }
            }
        }
    }

    private static DrawnRequest Spoil(string method, string url, JsonObject operation, JsonNode body, Random random)
    {
        string text = body.ToJsonString();
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        (byte[] Body, string MediaType, string Fault) made = random.Next(14) switch
        {
            0 => (bytes[..random.Next(bytes.Length)], "application/json", "cut off"),
            1 => (bytes, WrongTypes[random.Next(WrongTypes.Length)], "media type"),
            2 => (Encoding.UTF8.GetBytes(Twice(text)), "application/json", "a name twice"),
            3 => (Encoding.UTF8.GetBytes("{\"a\":" + new string('[', random.Next(60, 5000)) + text), "application/json", "deep"),
            4 => (Flipped(bytes, random), "application/json", "bytes changed"),
            5 => (Encoding.UTF8.GetBytes(Put(body, random, Long(random))), "application/json", "a long text"),
            6 => ([], "application/json", "empty"),
            7 => ([0xef, 0xbb, 0xbf, .. bytes], "application/json; charset=utf-8", "a byte order mark"),
            8 => (Encoding.Unicode.GetBytes(text), "application/json; charset=utf-16", "UTF-16"),
            9 => (Encoding.UTF8.GetBytes("[" + text + "]"), "application/json", "an array"),
            _ => (Encoding.UTF8.GetBytes(Odd(body, random)), "application/json", "odd values"),
        };
        return new DrawnRequest(method, url, operation, made.Body, made.MediaType, made.Fault);
    }

    private static string Twice(string text) => text.Length > 2 && text[0] == '{' ? text.Insert(1, "\"model\":\"toy\",\"model\":\"toy\",") : text;

    // Not through a writer of JSON: its pools would keep what it took for megabytes, and look like a leak.
    private static string Long(Random random) => '"' + new string(
        random.Next(2) == 0 ? 'x' : '\u20ac', random.Next(5) == 0 ? random.Next(200_000, 800_000) : random.Next(500, 20_000)) + '"';

    private static byte[] Flipped(byte[] bytes, Random random)
    {
        byte[] flipped = [.. bytes];
        for (int i = random.Next(1, 5); i > 0; i--)
        {
            flipped[random.Next(flipped.Length)] = (byte)random.Next(256);
        }

        return flipped;
    }

    // Values of any place, replaced; names left out or added.
    private static string Odd(JsonNode body, Random random)
    {
        string text = body.ToJsonString();
        for (int i = random.Next(1, 4); i > 0 && !text.Contains("\\ud", StringComparison.Ordinal); i--)
        {
            text = Put(JsonNode.Parse(text)!, random, null);
        }

        return text;
    }

    private static string Put(JsonNode body, Random random, string? value)
    {
        const string Mark = "\u0001mark";
        List<JsonNode> places = [];
        Walk(body, places);
        if (places.Count == 0)
        {
            return body.ToJsonString();
        }

        JsonNode at = places[random.Next(places.Count)];
        string odd = value ?? OddJson[random.Next(OddJson.Length)];
        if (value is null && random.Next(6) == 0 && at.Parent is JsonObject holder)
        {
            holder.Remove(at.GetPropertyName());
            return body.ToJsonString();
        }

        at.ReplaceWith(Mark);
        return body.ToJsonString().Replace("\"\\u0001mark\"", odd, StringComparison.Ordinal);
    }

    private static void Walk(JsonNode? node, List<JsonNode> places)
    {
        if (node?.Parent is not null)
        {
            places.Add(node);
        }

        foreach (JsonNode? child in node switch
        {
            JsonObject record => record.Select(p => p.Value),
            JsonArray list => list,
            _ => [],
        })
        {
            Walk(child, places);
        }
    }

    private static string UrlOf(string path, JsonObject operation, SchemaSampler sampler, Random random, IReadOnlyList<string> ids)
    {
        string url = path;
        var query = new List<string>();
        foreach (JsonNode? parameter in operation["parameters"]?.AsArray() ?? [])
        {
            string name = parameter!["name"]!.GetValue<string>();
            bool isPath = parameter["in"]!.GetValue<string>() == "path";
            string value = random.Next(4) == 0
                ? new string[] { "", "..", "../x", "a/b", "%00", "\u20ac", new string('x', 3000), "-1", "1e9", "toy" }[random.Next(10)]
                : isPath && ids.Count > 0 && random.Next(3) > 0 ? ids[random.Next(ids.Count)] : sampler.Sample(parameter["schema"]!)?.ToString() ?? "";
            if (isPath)
            {
                url = url.Replace($"{{{name}}}", Uri.EscapeDataString(value), StringComparison.Ordinal);
            }
            else if (random.Next(2) == 0)
            {
                query.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }

        return query.Count == 0 ? url : $"{url}?{string.Join('&', query)}";
    }
}
