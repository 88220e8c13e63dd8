using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using XLLM.Cli.Client;

namespace XLLM.Cli.Batches;

/// <summary>
/// Files and batches of any server with OpenAI's API. Throws <see cref="OpenAiErrorException"/> for what a server refuses.
/// </summary>
internal sealed class BatchClient : IDisposable
{
    private readonly HttpClient _http;

    public BatchClient(string url, string? key)
    {
        _http = new HttpClient { BaseAddress = new Uri(url.TrimEnd('/') + "/"), Timeout = Timeout.InfiniteTimeSpan };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <summary>Uploads an input file; gives its id.</summary>
    public async Task<string> UploadAsync(string path, CancellationToken cancellationToken)
    {
        using MultipartFormDataContent form = new()
        {
            { new StringContent("batch"), "purpose" },
            { new StreamContent(File.OpenRead(path)), "file", Path.GetFileName(path) },
        };
        return (await AskAsync(HttpMethod.Post, "v1/files", form, cancellationToken))["id"]!.GetValue<string>();
    }

    public async Task<BatchView> CreateAsync(
        string file,
        string endpoint,
        string window,
        IReadOnlyDictionary<string, string> metadata,
        CancellationToken cancellationToken)
    {
        JsonObject body = new() { ["input_file_id"] = file, ["endpoint"] = endpoint, ["completion_window"] = window };
        if (metadata.Count > 0)
        {
            body["metadata"] = new JsonObject(metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value)));
        }

        return new BatchView(
            await AskAsync(HttpMethod.Post, "v1/batches", JsonContent.Create<JsonNode>(body), cancellationToken));
    }

    public async Task<BatchView> GetAsync(string id, CancellationToken cancellationToken) =>
        new(await AskAsync(HttpMethod.Get, PathOf(id), null, cancellationToken));

    public async Task<BatchView> CancelAsync(string id, CancellationToken cancellationToken) =>
        new(await AskAsync(HttpMethod.Post, PathOf(id) + "/cancel", null, cancellationToken));

    /// <summary>The newest batches.</summary>
    public async Task<IReadOnlyList<BatchView>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        JsonNode page = await AskAsync(HttpMethod.Get, $"v1/batches?limit={limit}", null, cancellationToken);
        return [.. page["data"]!.AsArray().Select(b => new BatchView(b!))];
    }

    /// <summary>Copies a file's contents.</summary>
    public async Task DownloadAsync(string file, Stream to, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await _http.GetAsync(
            $"v1/files/{Uri.EscapeDataString(file)}/content", HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await ThrowIfErrorAsync(response, cancellationToken);
        await response.Content.CopyToAsync(to, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private static string PathOf(string id) => "v1/batches/" + Uri.EscapeDataString(id);

    private async Task<JsonNode> AskAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, path) { Content = content };
        using HttpResponseMessage response = await _http.SendAsync(request, cancellationToken);
        await ThrowIfErrorAsync(response, cancellationToken);
        return await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken)
            ?? throw new OpenAiErrorException("The server's answer is empty.");
    }

    private static async Task ThrowIfErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw await OpenAiErrorException.OfAsync(response, cancellationToken);
        }
    }
}
