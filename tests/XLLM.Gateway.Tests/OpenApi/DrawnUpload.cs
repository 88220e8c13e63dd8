using System.Text;
using System.Text.Json.Nodes;

namespace XLLM.Gateway.Tests.OpenApi;

/// <summary>An upload drawn at random: requests of a batch, right and wrong, or anything else.</summary>
internal static class DrawnUpload
{
    private const string Boundary = "7d81b5f0";

    public static DrawnRequest Draw(ApiSchemas api, Random random, string url, JsonObject operation)
    {
        bool isSpoiled = random.Next(3) == 0;
        string purpose = isSpoiled && random.Next(2) == 0 ? "odd\r\none" : "batch";
        string name = isSpoiled && random.Next(3) == 0 ? "../../x\u0001.jsonl" : "in.jsonl";
        byte[] contents = Encoding.UTF8.GetBytes(Lines(api, random));
        if (isSpoiled && contents.Length > 0)
        {
            contents[random.Next(contents.Length)] = (byte)random.Next(256);
        }

        byte[] form =
        [
            .. Encoding.UTF8.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n{purpose}\r\n"),
            .. Encoding.UTF8.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"),
            .. contents,
            .. Encoding.UTF8.GetBytes($"\r\n--{Boundary}--\r\n"),
        ];
        byte[] body = isSpoiled && random.Next(2) == 0 ? form[..random.Next(form.Length)] : form;
        string media = isSpoiled && random.Next(4) == 0 ? "multipart/form-data" : $"multipart/form-data; boundary={Boundary}";
        return new DrawnRequest("POST", url, operation, body, media, isSpoiled ? "a form" : null);
    }

    private static string Lines(ApiSchemas api, Random random)
    {
        JsonObject schema = ApiSchemas.BodyOf(api.Operations.Single(o => o.Path == "/v1/completions").Operation)!;
        var sampler = new SchemaSampler(api, random) { Optional = 0.05 };
        var text = new StringBuilder();
        for (int i = random.Next(4); i > 0; i--)
        {
            JsonNode body = random.Next(3) == 0 ? sampler.Sample(schema)! : new JsonObject { ["prompt"] = "Hi", ["max_tokens"] = 2 };
            text.Append(new JsonObject
            {
                ["custom_id"] = "line " + i, ["method"] = "POST", ["url"] = "/v1/completions", ["body"] = body,
            }.ToJsonString()).Append('\n');
        }

        return text.ToString();
    }
}
