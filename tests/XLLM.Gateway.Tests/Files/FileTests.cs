using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using XLLM.Gateway.Keys;
using XLLM.Gateway.Tests.Harness;
using XLLM.Testing;

namespace XLLM.Gateway.Tests.Files;

/// <summary>/v1/files with good and with hostile uploads.</summary>
public sealed class FileTests
{
    [Fact]
    public async Task A_file_is_uploaded_listed_read_and_deleted()
    {
        await using StoreHost host = await StoreHost.StartAsync();
        byte[] content = new byte[300_000];
        new Random(1).NextBytes(content);
        JsonElement made = await host.AskAsync(
            HttpMethod.Post, "/v1/files", StoreHost.Form(content, "user_data", "Bücher & Söhne.bin"));
        string id = made.GetProperty("id").GetString()!;
        Assert.Equal(("file", 300_000, "user_data", "processed"), (
            made.GetProperty("object").GetString()!,
            made.GetProperty("bytes").GetInt32(),
            made.GetProperty("purpose").GetString()!,
            made.GetProperty("status").GetString()!));
        Assert.Equal("Bücher & Söhne.bin", made.GetProperty("filename").GetString());
        Assert.Equal(made.GetRawText(), (await host.GetAsync("/v1/files/" + id)).GetRawText());
        using HttpResponseMessage read = await host.SendAsync(HttpMethod.Get, $"/v1/files/{id}/content");
        Assert.Equal(content, await read.Content.ReadAsByteArrayAsync());
        Assert.Equal("nosniff", read.Headers.GetValues("X-Content-Type-Options").Single());
        JsonElement deleted = await host.AskAsync(HttpMethod.Delete, "/v1/files/" + id);
        Assert.Equal($$"""{"id":"{{id}}","object":"file","deleted":true}""", deleted.GetRawText());
        await host.GetAsync("/v1/files/" + id, HttpStatusCode.NotFound);
        await host.AskAsync(HttpMethod.Delete, "/v1/files/" + id, null, HttpStatusCode.NotFound);
        Assert.Empty(Directory.GetFiles(Path.Combine(host.Folder, "files")));
        Assert.Empty(Directory.GetFiles(Path.Combine(host.Folder, "uploads")));
    }

    [Fact]
    public async Task Lists_come_in_pages_by_order_and_purpose()
    {
        await using StoreHost host = await StoreHost.StartAsync();
        string[] ids = new string[5];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = await host.UploadAsync($"{i}", i == 2 ? "user_data" : "batch");
        }

        JsonElement first = await host.GetAsync("/v1/files?limit=2");
        Assert.Equal([ids[4], ids[3]], IdsOf(first));
        Assert.True(first.GetProperty("has_more").GetBoolean());
        JsonElement last = await host.GetAsync($"/v1/files?limit=3&after={first.GetProperty("last_id").GetString()}");
        Assert.Equal([ids[2], ids[1], ids[0]], IdsOf(last));
        Assert.False(last.GetProperty("has_more").GetBoolean());
        Assert.Equal([ids[0], ids[1], ids[3], ids[4]], IdsOf(await host.GetAsync("/v1/files?order=asc&purpose=batch")));
        string[] wrong = ["limit=0", "limit=x", "limit=10001", "order=up", "after=file-no", "after=%27%20OR%201=1"];
        foreach (string query in wrong)
        {
            await host.GetAsync("/v1/files?" + query, HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task An_expired_file_is_gone_and_its_bytes_are_removed()
    {
        ManualTime time = new();
        await using StoreHost host = await StoreHost.StartAsync(time: time);
        JsonElement made = await host.AskAsync(HttpMethod.Post, "/v1/files", StoreHost.Form(
            "x"u8.ToArray(), "user_data", "x", ("expires_after[anchor]", "created_at"), ("expires_after[seconds]", "3600")));
        string id = made.GetProperty("id").GetString()!;
        Assert.Equal(3600, made.GetProperty("expires_at").GetInt64() - made.GetProperty("created_at").GetInt64());
        time.Advance(TimeSpan.FromSeconds(3599));
        await host.GetAsync("/v1/files/" + id);
        time.Advance(TimeSpan.FromSeconds(1));
        await host.GetAsync("/v1/files/" + id, HttpStatusCode.NotFound);
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(10));
        for (int i = 0; Directory.GetFiles(Path.Combine(host.Folder, "files")).Length > 0; i++)
        {
            Assert.True(i < 1000, "the contents stay");
            time.Advance(TimeSpan.FromSeconds(10));
            await tick.WaitForNextTickAsync();
        }
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("..\\..\\windows")]
    [InlineData("a\u0001b")]
    public async Task A_file_name_is_never_a_path(string name)
    {
        await using StoreHost host = await StoreHost.StartAsync();
        using ByteArrayContent content = new("x"u8.ToArray());
        string quoted = name.Replace("\\", "\\\\", StringComparison.Ordinal);
        content.Headers.TryAddWithoutValidation("Content-Disposition", $"form-data; name=\"file\"; filename=\"{quoted}\"");
        using MultipartFormDataContent form = new() { { new StringContent("batch"), "purpose" }, content };
        using HttpResponseMessage made = await host.SendAsync(HttpMethod.Post, "/v1/files", form);
        Assert.True(made.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, $"{made.StatusCode}");
        string[] files = Directory.GetFiles(host.Folder, "*", SearchOption.AllDirectories);
        Assert.All(
            files.Where(f => Path.GetFileName(Path.GetDirectoryName(f)) == "files"),
            f => Assert.Matches("^file-[0-9a-f]{32}$", Path.GetFileName(f)));
        Assert.Equal(made.IsSuccessStatusCode ? 1 : 0, Directory.GetFiles(Path.Combine(host.Folder, "files")).Length);
    }

    [Theory]
    [InlineData("..%2f..%2fgateway.db")]
    [InlineData("%2e%2e")]
    [InlineData("file-0")]
    [InlineData("gateway.db")]
    [InlineData("file-%00")]
    public async Task An_id_that_is_none_of_ours_finds_nothing(string id)
    {
        await using StoreHost host = await StoreHost.StartAsync();
        foreach (string path in (string[])[$"/v1/files/{id}", $"/v1/files/{id}/content", $"/v1/batches/{id}"])
        {
            using HttpResponseMessage response = await host.SendAsync(HttpMethod.Get, path);
            Assert.True(
                response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{path}: {response.StatusCode}");
        }
    }

    [Fact]
    public async Task Files_that_are_too_large_leave_nothing_behind()
    {
        await using StoreHost host = await StoreHost.StartAsync(
            configure: o => (o.MaxFileBytes, o.MaxKeyFileBytes) = (100_000, 150_000));
        await host.AskAsync(
            HttpMethod.Post, "/v1/files", StoreHost.Form(new byte[100_001]), HttpStatusCode.RequestEntityTooLarge);
        await host.AskAsync(HttpMethod.Post, "/v1/files", StoreHost.Form(new byte[100_000]));
        JsonElement over = await host.AskAsync(
            HttpMethod.Post, "/v1/files", StoreHost.Form(new byte[50_001]), HttpStatusCode.RequestEntityTooLarge);
        Assert.Contains("150000 bytes together", over.GetRawText(), StringComparison.Ordinal);
        await host.AskAsync(HttpMethod.Post, "/v1/files", StoreHost.Form(new byte[50_000]));
        Assert.Empty(Directory.GetFiles(Path.Combine(host.Folder, "uploads")));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(host.Folder, "files")).Length);
    }

    [Fact]
    public async Task Forms_that_are_wrong_are_refused_with_the_reason()
    {
        await using StoreHost host = await StoreHost.StartAsync();
        (HttpContent Form, string Says)[] cases =
        [
            (StoreHost.Form([1], "fine-tune"), "'purpose' is 'fine-tune'"),
            (StoreHost.Form([1], new string('x', 1000)), "more than 256 bytes"),
            (StoreHost.Form([1], "batch", "x", ("expires_after[anchor]", "now")), "'created_at'"),
            (Expiring("1"), "between 3600"),
            (new MultipartFormDataContent { { new StringContent("batch"), "purpose" } }, "'file' is required"),
            (new MultipartFormDataContent { { new ByteArrayContent([1]), "file", "a" } }, "'purpose' is required"),
            (Twice(), "twice"),
            (new StringContent("{}", Encoding.UTF8, "application/json"), "multipart/form-data"),
            (Raw("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nno end"), "form is malformed"),
            (Raw("nothing"), "form is malformed"),
        ];
        foreach ((HttpContent form, string says) in cases)
        {
            using HttpResponseMessage response = await host.SendAsync(HttpMethod.Post, "/v1/files", form);
            string text = await response.Content.ReadAsStringAsync();
            Assert.True(
                (int)response.StatusCode is 400 or 415 && text.Contains(says, StringComparison.Ordinal), $"{says}: {text}");
        }

        Assert.Empty(Directory.GetFiles(Path.Combine(host.Folder, "uploads")));
        Assert.Empty(Directory.GetFiles(Path.Combine(host.Folder, "files")));
    }

    [Fact]
    public async Task Another_keys_files_and_batches_are_not_there()
    {
        string keys = Path.Combine(Path.GetTempPath(), $"xllm-keys-{Guid.NewGuid():N}.json");
        (string mine, string theirs) = (ApiKeyText.New(), ApiKeyText.New());
        ApiKeyFile.Write(keys,
        [
            new ApiKeyRecord { Name = "a", Hash = ApiKeyText.HashOf(mine), RequestsPerMinute = 1000 },
            new ApiKeyRecord { Name = "b", Hash = ApiKeyText.HashOf(theirs) },
        ]);
        await using StoreHost host = await StoreHost.StartAsync(configure: o => o.ApiKeysFile = keys);
        host.Key = mine;
        string file = await host.UploadAsync(StoreHost.Lines(2));
        var request = new { input_file_id = file, endpoint = "/v1/chat/completions", completion_window = "24h" };
        string batch = (await host.CreateAsync(request)).GetProperty("id").GetString()!;
        JsonElement ended = await host.EndAsync(batch, "completed");
        string output = ended.GetProperty("output_file_id").GetString()!;
        host.Key = theirs;
        string[] paths = [$"files/{file}", $"files/{file}/content", $"files/{output}/content", $"batches/{batch}"];
        foreach (string path in paths)
        {
            await host.GetAsync("/v1/" + path, HttpStatusCode.NotFound);
        }

        await host.AskAsync(HttpMethod.Delete, "/v1/files/" + file, null, HttpStatusCode.NotFound);
        await host.AskAsync(HttpMethod.Post, $"/v1/batches/{batch}/cancel", null, HttpStatusCode.NotFound);
        await host.CreateAsync(request, HttpStatusCode.BadRequest);
        await host.GetAsync("/v1/files?after=" + file, HttpStatusCode.BadRequest);
        Assert.Empty(IdsOf(await host.GetAsync("/v1/files")));
        Assert.Empty(IdsOf(await host.GetAsync("/v1/batches")));
        File.Delete(keys);
    }

    [Fact]
    public async Task Without_a_folder_files_and_batches_are_refused()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        foreach (string path in (string[])["/v1/files", "/v1/files/a", "/v1/batches", "/v1/batches/a"])
        {
            using HttpResponseMessage response = await host.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotImplemented, response.StatusCode);
            Assert.Contains("Gateway:DataFolder", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    private static MultipartFormDataContent Expiring(string seconds) =>
        StoreHost.Form([1], "batch", "x", ("expires_after[anchor]", "created_at"), ("expires_after[seconds]", seconds));

    private static MultipartFormDataContent Twice() => new()
    {
        { new StringContent("batch"), "purpose" },
        { new ByteArrayContent([1]), "file", "a" },
        { new ByteArrayContent([1]), "file", "b" },
    };

    private static StringContent Raw(string text)
    {
        StringContent content = new(text);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
        return content;
    }

    private static string[] IdsOf(JsonElement page) =>
        [.. page.GetProperty("data").EnumerateArray().Select(f => f.GetProperty("id").GetString()!)];
}
