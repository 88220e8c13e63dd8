using System.Net;
using System.Text;
using System.Text.Json;
using XLLM.Gateway.Configuration;

namespace XLLM.Gateway.Tests.Harness;

/// <summary>A gateway that keeps files and batches, and what tests do with them.</summary>
internal sealed class StoreHost : IAsyncDisposable
{
    private readonly bool _ownsFolder;

    private StoreHost(GatewayHost gateway, string folder, bool ownsFolder)
    {
        (Gateway, Folder, _ownsFolder) = (gateway, folder, ownsFolder);
    }

    public GatewayHost Gateway { get; }

    public string Folder { get; }

    public ScriptedBackend Backend => Gateway.Backend;

    /// <summary>Sent with every request; null = none.</summary>
    public string? Key { get; set; }

    public static async Task<StoreHost> StartAsync(
        string? folder = null, Action<GatewayOptions>? configure = null, TimeProvider? time = null)
    {
        string path = folder ?? Path.Combine(Path.GetTempPath(), $"xllm-store-{Guid.NewGuid():N}");
        GatewayHost gateway = await GatewayHost.StartAsync(
            options =>
            {
                options.DataFolder = path;
                configure?.Invoke(options);
            },
            time);
        return new StoreHost(gateway, path, folder is null);
    }

    /// <summary>A line of an input file, a chat that says the id.</summary>
    public static string Line(string id, string url = "/v1/chat/completions", string method = "POST") =>
        JsonSerializer.Serialize(new
    {
        custom_id = id, method, url, body = new { model = "toy", messages = new[] { new { role = "user", content = id } } },
    });

    public static string Lines(int count) => string.Concat(Enumerable.Range(0, count).Select(i => Line($"id-{i}") + "\n"));

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content = null)
    {
        using HttpRequestMessage request = new(method, path) { Content = content };
        if (Key is not null)
        {
            request.Headers.Add("Authorization", "Bearer " + Key);
        }

        return await Gateway.Client.SendAsync(request);
    }

    /// <summary>The JSON of an answer with that status.</summary>
    public async Task<JsonElement> AskAsync(
        HttpMethod method, string path, HttpContent? content = null, HttpStatusCode status = HttpStatusCode.OK)
    {
        using HttpResponseMessage response = await SendAsync(method, path, content);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement.Clone();
    }

    public Task<JsonElement> GetAsync(string path, HttpStatusCode status = HttpStatusCode.OK) =>
        AskAsync(HttpMethod.Get, path, null, status);

    /// <summary>A form with a file and fields.</summary>
    public static MultipartFormDataContent Form(
        byte[] content, string purpose = "batch", string name = "input.jsonl", params (string Name, string Value)[] fields)
    {
        MultipartFormDataContent form = new() { { new StringContent(purpose), "purpose" } };
        foreach ((string field, string value) in fields)
        {
            form.Add(new StringContent(value), field);
        }

        form.Add(new ByteArrayContent(content), "file", name);
        return form;
    }

    public async Task<string> UploadAsync(string text, string purpose = "batch") =>
        (await AskAsync(HttpMethod.Post, "/v1/files", Form(Encoding.UTF8.GetBytes(text), purpose)))
            .GetProperty("id").GetString()!;

    /// <summary>Uploads an input file and makes a batch of it; gives its id.</summary>
    public async Task<string> SubmitAsync(string input, string endpoint = "/v1/chat/completions", string window = "24h") =>
        (await CreateAsync(new { input_file_id = await UploadAsync(input), endpoint, completion_window = window }))
            .GetProperty("id").GetString()!;

    public Task<JsonElement> CreateAsync(object body, HttpStatusCode status = HttpStatusCode.OK) => AskAsync(
        HttpMethod.Post,
        "/v1/batches",
        new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"),
        status);

    /// <summary>Waits until a batch is as it should be; <paramref name="onLook"/> runs before each look.</summary>
    public async Task<JsonElement> UntilAsync(string batch, Func<JsonElement, bool> holds, Action? onLook = null)
    {
        using CancellationTokenSource limit = new(TestTime.Limit);
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            onLook?.Invoke();
            JsonElement found = await GetAsync("/v1/batches/" + batch);
            if (holds(found))
            {
                return found;
            }

            Assert.False(limit.IsCancellationRequested, $"It stays {found}");
            await tick.WaitForNextTickAsync();
        }
    }

    public Task<JsonElement> EndAsync(string batch, string status, Action? onLook = null) => UntilAsync(
        batch,
        b =>
        {
            string now = StatusOf(b);
            Assert.True(now == status || now is "validating" or "in_progress" or "finalizing" or "cancelling", b.ToString());
            return now == status;
        },
        onLook);

    public static string StatusOf(JsonElement batch) => batch.GetProperty("status").GetString()!;

    /// <summary>The lines of one of a batch's files; none when there is no such file.</summary>
    public async Task<IReadOnlyList<JsonElement>> ResultsAsync(JsonElement batch, string file = "output_file_id")
    {
        if (batch.GetProperty(file).GetString() is not { } id)
        {
            return [];
        }

        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, $"/v1/files/{id}/content");
        string text = await response.Content.ReadAsStringAsync();
        Assert.EndsWith("\n", text);
        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(l => JsonDocument.Parse(l).RootElement.Clone())];
    }

    public static string[] IdsOf(IEnumerable<JsonElement> lines) =>
        [.. lines.Select(l => l.GetProperty("custom_id").GetString()!)];

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }
}
