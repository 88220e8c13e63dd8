using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Keys;
using XLLM.Gateway.OpenAi.Json;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.OpenApi;

/// <summary>The document says what is there: routes, fields, ranges, answers; and says nothing else.</summary>
public sealed partial class DocumentTests : IDisposable
{
    private const int Samples = 400;

    private static readonly ApiSchemas Api = ApiSchemas.Of(new GatewayOptions());

    private readonly string _folder = Directory.CreateTempSubdirectory("xllm-document").FullName;

    [Fact]
    public async Task Every_route_is_documented_and_every_documented_route_is_there()
    {
        await using GatewayHost host = await StartAsync();
        IEnumerable<string> mapped = host.Routes.SelectMany(r => r.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
            .Where(m => m != "HEAD").Select(m => $"{m} {PathOf(r)}"));
        Assert.Equal(mapped.Order(), Api.Operations.Select(o => $"{o.Method} {o.Path}").Order());
    }

    [Fact]
    public void References_lead_somewhere_ids_are_unique_and_every_operation_says_how_it_ends()
    {
        foreach (string name in References().Matches(Api.Document.ToJsonString()).Select(m => m.Groups[1].Value))
        {
            Assert.True(Api.Document["components"]!["schemas"]!.AsObject().ContainsKey(name), name);
        }

        string[] ids = [.. Api.Operations.Select(o => o.Operation["operationId"]!.GetValue<string>())];
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(Api.Operations, o =>
        {
            Assert.True(o.Operation["responses"]!.AsObject().ContainsKey("200"), o.Path);
            Assert.Equal(
                PathParameter().Matches(o.Path).Select(m => m.Groups[1].Value).Order(),
                (o.Operation["parameters"]?.AsArray() ?? []).Where(p => p!["in"]!.ToString() == "path").Select(p => p!["name"]!.ToString()).Order());
        });
        Assert.Equal("3.1.0", Api.Document["openapi"]!.GetValue<string>());
    }

    public static TheoryData<string> Bodies => [.. Api.Operations.Where(o => ApiSchemas.BodyOf(o.Operation) is not null).Select(o => $"{o.Method} {o.Path}")];

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task The_fields_of_the_document_are_those_that_the_parser_asks_for(string name)
    {
        (string method, string path, JsonObject operation) = Find(name);
        JsonObject schema = ApiSchemas.BodyOf(operation)!;
        await using GatewayHost host = await StartAsync();
        RouteEndpoint route = host.Routes.Single(r => PathOf(r) == path && r.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains(method));
        var sampler = new SchemaSampler(Api, new Random(7)) { Optional = 0.3 };
        var check = new SchemaCheck(Api);
        HashSet<(string, string)> asked = [];
        for (int i = 0; i < Samples; i++)
        {
            JsonNode body = sampler.Sample(schema)!;
            Assert.Null(check.Find(schema, body));
            await TraceAsync(host, route, body, asked);
        }

        HashSet<string> known = [.. asked.Select(a => Join(Normalise(a.Item1), a.Item2))];
        HashSet<string> documented = [];
        HashSet<string> unread = [];
        Collect(schema, "", documented, unread, 0);
        Assert.Empty(known.Except(documented).Except(unread).Order());
        Assert.Empty(documented.Except(known).Order());
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task What_the_document_allows_is_taken_and_what_lies_just_outside_is_refused(string name)
    {
        (_, string path, JsonObject operation) = Find(name);
        JsonObject schema = ApiSchemas.BodyOf(operation)!;
        await using GatewayHost host = await StartAsync();
        var check = new SchemaCheck(Api);
        List<string> faults = [];
        int probes = 0;
        foreach (SchemaSites.Site site in new SchemaSites(Api).Of(schema))
        {
            foreach (JsonNode? value in Edges.Of(site.Schema))
            {
                JsonNode body = site.Place(value?.DeepClone())!;
                bool isValid = check.Find(schema, body) is null;
                using HttpResponseMessage response = await host.PostAsync(path, body.ToJsonString());
                string answer = await response.Content.ReadAsStringAsync();
                bool refusesIt = response.StatusCode == HttpStatusCode.BadRequest && IsOf(answer, site.Path);
                probes++;
                bool mayBeRefused = site.Schema.ContainsKey("x-depends");
                if (isValid ? refusesIt && !mayBeRefused : response.StatusCode != HttpStatusCode.BadRequest)
                {
                    string shown = value?.ToJsonString() ?? "null";
                    faults.Add($"{site.Path} = {(shown.Length > 80 ? shown[..80] + "..." : shown)} is {(isValid ? "valid" : "invalid")} by the document: {(int)response.StatusCode} {(answer.Length > 200 ? answer[..200] : answer)}");
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Take(40)));
        Assert.True(probes > 2, $"{probes} probes");
        host.AssertNothingLeft();
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Examples_are_answered_as_the_document_says_and_refused_names_are_refused(string name)
    {
        (string method, string path, JsonObject operation) = Find(name);
        await using GatewayHost host = await StartAsync();
        JsonObject example = await WithFileAsync(
            host, operation["requestBody"]!["content"]!["application/json"]!["example"]!.DeepClone().AsObject());
        Assert.Equal("POST", method);
        using HttpResponseMessage response = await host.PostAsync(path, example.ToJsonString());
        string answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, answer);
        if (ApiSchemas.AnswerOf(operation, 200) is { } schema)
        {
            Assert.Null(new SchemaCheck(Api).Find(schema, JsonNode.Parse(answer)));
        }

        foreach (JsonNode? refused in Api.Resolve(ApiSchemas.BodyOf(operation)!)["x-refused"]?.AsArray() ?? [])
        {
            JsonObject body = example.DeepClone().AsObject();
            body[refused!.GetValue<string>()] = 7;
            using HttpResponseMessage no = await host.PostAsync(path, body.ToJsonString());
            string why = await no.Content.ReadAsStringAsync();
            Assert.True(no.StatusCode == HttpStatusCode.BadRequest && why.Contains(refused.GetValue<string>(), StringComparison.Ordinal), why);
        }
    }

    [Fact]
    public async Task The_document_and_its_page_are_served_as_they_are_to_anybody()
    {
        await using GatewayHost host = await StartAsync();
        JsonNode served = JsonNode.Parse(await host.Client.GetStringAsync("/openapi.json"))!;
        Assert.True(JsonNode.DeepEquals(Api.Document, served));
        using HttpResponseMessage page = await host.Client.GetAsync("/docs");
        string html = await page.Content.ReadAsStringAsync();
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single());
        foreach (string file in Sources().Matches(html).Select(m => m.Groups[1].Value))
        {
            using HttpResponseMessage part = await host.Client.GetAsync(file);
            Assert.True(part.IsSuccessStatusCode, file);
        }

        Assert.DoesNotContain("http://", html);
        Assert.DoesNotContain("https://", html);
        using HttpResponseMessage none = await host.Client.GetAsync("/docs/nothing.js");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // With an admin's key, without limits: all routes are open to it.
    private async Task<GatewayHost> StartAsync()
    {
        string key = ApiKeyText.New();
        string file = Path.Combine(_folder, "keys.json");
        ApiKeyFile.Write(file, [new ApiKeyRecord { Name = "admin", Hash = ApiKeyText.HashOf(key), IsAdmin = true }]);
        GatewayHost host = await GatewayHost.StartAsync(o => (o.DataFolder, o.ApiKeysFile) = (Path.Combine(_folder, "data"), file));
        host.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return host;
    }

    // A batch needs a file that is there.
    private static async Task<JsonObject> WithFileAsync(GatewayHost host, JsonObject body)
    {
        if (body.ContainsKey("input_file_id"))
        {
            using var form = new MultipartFormDataContent
            {
                { new StringContent("batch"), "purpose" },
                { new ByteArrayContent("{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{}}"u8.ToArray()), "file", "in.jsonl" },
            };
            using HttpResponseMessage made = await host.Client.PostAsync("/v1/files", form);
            JsonNode file = JsonNode.Parse(await made.Content.ReadAsStringAsync())!;
            Assert.Null(new SchemaCheck(Api).Find(Api.Document["components"]!["schemas"]!["File"]!, file));
            body["input_file_id"] = file["id"]!.DeepClone();
        }

        return body;
    }

    private static (string Method, string Path, JsonObject Operation) Find(string name) =>
        Api.Operations.Single(o => $"{o.Method} {o.Path}" == name);

    private static string PathOf(RouteEndpoint route) => "/" + route.RoutePattern.RawText!.TrimStart('/').Replace("{**", "{", StringComparison.Ordinal);

    // The body is there at once, so the parser runs on this thread before anything is waited for.
    private static async Task TraceAsync(GatewayHost host, RouteEndpoint route, JsonNode body, HashSet<(string, string)> asked)
    {
        var context = new DefaultHttpContext { RequestServices = host.Services };
        context.Request.Method = "POST";
        context.Request.ContentType = "application/json";
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body.ToJsonString()));
        context.Request.RouteValues["id"] = "x";
        context.Response.Body = new MemoryStream();
        context.Features.Set(new KeyAccount(new ApiKeyRecord { Name = "admin", Hash = "", IsAdmin = true }, TimeProvider.System).Enter());
        Task? run = null;
        FieldTrace.Run(asked, () => run = route.RequestDelegate!(context));
        try
        {
            await run!;
        }
        catch (ApiException)
        {
            // Other fields were asked for by then; other samples go further.
        }
    }

    private static void Collect(JsonNode schema, string path, HashSet<string> read, HashSet<string> unread, int depth)
    {
        JsonObject at = Api.Resolve(schema);
        if (depth > 12)
        {
            return;
        }

        foreach (JsonNode? variant in at["anyOf"]?.AsArray() ?? [])
        {
            Collect(variant!, path, read, unread, depth + 1);
        }

        foreach ((string name, JsonNode? property) in at["properties"]?.AsObject() ?? [])
        {
            string here = Join(path, name);
            (Api.Resolve(property!).ContainsKey("x-passed") ? unread : read).Add(here);
            Collect(property!, here, read, unread, depth + 1);
        }

        foreach (JsonNode? refused in at["x-refused"]?.AsArray() ?? [])
        {
            read.Add(Join(path, refused!.GetValue<string>()));
        }

        if (at["items"] is { } items)
        {
            Collect(items, path + "[]", read, unread, depth + 1);
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    // Stored items of a conversation are read again without their places.
    private static string Normalise(string path)
    {
        string places = Places().Replace(path, "[]");
        return places == "input" || places.StartsWith("input.", StringComparison.Ordinal) ? "input[]" + places[5..] : places;
    }

    private static bool IsOf(string answer, string path)
    {
        JsonNode error = JsonNode.Parse(answer)!["error"]!;
        return error["param"] is { } param
            ? param.GetValue<string>() == path && error["code"]!.GetValue<string>() != "context_length_exceeded"
            : error["message"]!.GetValue<string>().Contains($"'{path}'", StringComparison.Ordinal);
    }

    [GeneratedRegex("""#/components/schemas/(\w+)""")]
    private static partial Regex References();

    [GeneratedRegex("""\{(\w+)\}""")]
    private static partial Regex PathParameter();

    [GeneratedRegex("""\[\d+\]""")]
    private static partial Regex Places();

    [GeneratedRegex("(?:href|src)=\"(/(?:docs|console)/[^\"]+)\"")]
    private static partial Regex Sources();
}
