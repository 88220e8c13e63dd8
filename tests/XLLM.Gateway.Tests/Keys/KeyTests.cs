using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Keys;
using XLLM.Gateway.Tests.Harness;
using XLLM.Testing;

namespace XLLM.Gateway.Tests.Keys;

public sealed class KeyTests : IDisposable
{
    private const string Body = """{"messages":[{"role":"user","content":"Hi"}],"max_tokens":20}""";
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"xllm-keys-{Guid.NewGuid():N}.json");
    private readonly string _key = ApiKeyText.New();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("GET", "/v1/models")]
    [InlineData("POST", "/v1/chat/completions")]
    [InlineData("POST", "/v1/completions")]
    [InlineData("POST", "/v1/responses")]
    [InlineData("GET", "/v1/responses/resp_x")]
    [InlineData("POST", "/v1/messages")]
    [InlineData("POST", "/tokenize")]
    [InlineData("POST", "/detokenize")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/cluster")]
    [InlineData("GET", "/cluster/integrity")]
    [InlineData("GET", "/cluster/requests")]
    [InlineData("GET", "/cluster/requests/x")]
    [InlineData("GET", "/cluster/keys")]
    [InlineData("GET", "/cluster/prefixes")]
    [InlineData("POST", "/cluster/keys")]
    [InlineData("DELETE", "/cluster/keys/a")]
    [InlineData("GET", "/no/such/route")]
    [InlineData("POST", "/")]
    [InlineData("POST", "/console/app.js")]
    [InlineData("GET", "/healthy")]
    public async Task Every_route_is_closed_without_a_key(string method, string path)
    {
        await using GatewayHost host = await StartAsync(new ApiKeyRecord { Name = "a", Hash = ApiKeyText.HashOf(_key) });
        foreach (string? key in new[] { null, "wrong", "", _key + "x", _key[..^1], ApiKeyText.HashOf(_key) })
        {
            using HttpResponseMessage response = await SendAsync(host, method, path, key);
            string text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{key}: {text}");
            Assert.Contains(path == "/v1/messages" ? "authentication_error" : "invalid_api_key", text);
        }

        using HttpResponseMessage open = await SendAsync(host, method, path, _key);
        Assert.NotEqual(HttpStatusCode.Unauthorized, open.StatusCode);
    }

    [Fact]
    public async Task Health_is_open_and_both_headers_carry_a_key()
    {
        await using GatewayHost host = await StartAsync(new ApiKeyRecord { Name = "a", Hash = ApiKeyText.HashOf(_key) });
        using HttpResponseMessage health = await SendAsync(host, "GET", "/health/ready", null);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        using HttpResponseMessage console = await SendAsync(host, "GET", "/", null);
        Assert.Equal(HttpStatusCode.OK, console.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("x-api-key", _key);
        using HttpResponseMessage models = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, models.StatusCode);
    }

    [Fact]
    public async Task Requests_a_minute_are_limited_and_come_back_with_time()
    {
        var time = new ManualTime();
        await using GatewayHost host = await StartAsync(
            new ApiKeyRecord { Name = "a", Hash = ApiKeyText.HashOf(_key), RequestsPerMinute = 2 }, time);
        Assert.Equal(new[] { 200, 200, 429 }, await StatusesAsync(host, 3));
        using HttpResponseMessage refused = await SendAsync(host, "GET", "/v1/models", _key);
        Assert.Equal("30", refused.Headers.RetryAfter?.ToString());
        Assert.Contains("rate_limit_exceeded", await refused.Content.ReadAsStringAsync());
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(new[] { 200, 429 }, await StatusesAsync(host, 2));
    }

    [Fact]
    public async Task Tokens_a_minute_are_counted_when_answers_end()
    {
        var time = new ManualTime();
        await using GatewayHost host = await StartAsync(
            new ApiKeyRecord { Name = "a", Hash = ApiKeyText.HashOf(_key), TokensPerMinute = 40 }, time);
        // 19 tokens of the prompt and 13 of the answer each: the second goes below zero.
        Assert.Equal(HttpStatusCode.OK, await ChatAsync(host));
        Assert.Equal(HttpStatusCode.OK, await ChatAsync(host));
        Assert.Equal(HttpStatusCode.TooManyRequests, await ChatAsync(host));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, await ChatAsync(host));
    }

    [Fact]
    public async Task Requests_at_a_time_are_limited_and_a_batch_key_gives_way()
    {
        await using GatewayHost host = await StartAsync(
            new ApiKeyRecord { Name = "a", Hash = ApiKeyText.HashOf(_key), Concurrency = 1, IsBatch = true });
        host.Backend.OnSubmit = _ => ScriptedRun.Accept();
        Task<HttpStatusCode> first = ChatAsync(host);
        ScriptedRun run = await host.Backend.NextAsync();
        Assert.Equal(RequestPriority.Offline, run.Request.Priority);
        Assert.Equal(HttpStatusCode.TooManyRequests, await ChatAsync(host));
        run.Say("x").Finish(RequestOutcome.CompletedStop);
        Assert.Equal(HttpStatusCode.OK, await first);
    }

    [Theory]
    [InlineData(null, RequestPriority.Online)]
    [InlineData("interactive", RequestPriority.Online)]
    [InlineData("normal", RequestPriority.Online)]
    [InlineData("batch", RequestPriority.Offline)]
    public async Task A_request_gets_no_class_of_priority_above_its_keys(string? highest, RequestPriority unasked)
    {
        var key = new ApiKeyRecord { Name = "a", Hash = ApiKeyText.HashOf(_key), Priority = highest };
        await using GatewayHost host = await StartAsync(key);
        Assert.Equal(HttpStatusCode.OK, await ChatAsync(host));
        Assert.Equal(unasked, host.Backend.Runs.Single().Request.Priority);
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent("""{"prompt": "x", "priority": "interactive"}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _key);
        using HttpResponseMessage response = await host.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(host.Backend.Runs, r => r.Request.Priority == key.HighestPriority);
    }

    [Fact]
    public async Task A_key_that_is_added_or_removed_counts_within_a_second()
    {
        var time = new ManualTime();
        await using GatewayHost host = await StartAsync(new ApiKeyRecord { Name = "a", Hash = ApiKeyText.HashOf("other") }, time);
        Assert.Equal(new[] { 401 }, await StatusesAsync(host, 1));
        ApiKeyFile.Write(_file, [new ApiKeyRecord { Name = "b", Hash = ApiKeyText.HashOf(_key) }]);
        File.SetLastWriteTimeUtc(_file, DateTime.UtcNow.AddMinutes(1));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new[] { 200 }, await StatusesAsync(host, 1));
        await File.WriteAllTextAsync(_file, "broken");
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(new[] { 200 }, await StatusesAsync(host, 1));
    }

    [Fact]
    public async Task A_response_of_another_key_is_not_there()
    {
        string other = ApiKeyText.New();
        ApiKeyFile.Write(_file,
        [
            new ApiKeyRecord { Name = "a", Hash = ApiKeyText.HashOf(_key) }, new ApiKeyRecord { Name = "b", Hash = ApiKeyText.HashOf(other) },
        ]);
        await using GatewayHost host = await GatewayHost.StartAsync(o => o.ApiKeysFile = _file);
        using HttpResponseMessage made = await SendAsync(host, "POST", "/v1/responses", _key, """{"input":"Hi"}""");
        string id = JsonDocument.Parse(await made.Content.ReadAsStringAsync()).RootElement.GetProperty("id").GetString()!;
        using HttpResponseMessage mine = await SendAsync(host, "GET", $"/v1/responses/{id}", _key);
        using HttpResponseMessage theirs = await SendAsync(host, "GET", $"/v1/responses/{id}", other);
        using HttpResponseMessage next = await SendAsync(
            host, "POST", "/v1/responses", other, $$"""{"input":"Hi","previous_response_id":"{{id}}"}""");
        Assert.Equal(
            (HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.BadRequest), (mine.StatusCode, theirs.StatusCode, next.StatusCode));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"keys":[null]}""")]
    [InlineData("""{"keys":[{"name":"a b","sha256":"00"}]}""")]
    [InlineData("""{"keys":[{"name":"a","sha256":"00"}]}""")]
    public void A_broken_file_is_refused(string text)
    {
        File.WriteAllText(_file, text);
        Assert.Throws<InvalidDataException>(() => ApiKeyFile.Read(_file));
    }

    [Fact]
    public void A_file_holds_no_key_only_its_hash_and_only_its_owner_reads_it()
    {
        var record = new ApiKeyRecord { Name = "a", Hash = ApiKeyText.HashOf(_key), Concurrency = 3 };
        ApiKeyFile.Write(_file, [record]);
        Assert.Equal(record, Assert.Single(ApiKeyFile.Read(_file)));
        Assert.DoesNotContain(_key, File.ReadAllText(_file));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(_file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.Throws<InvalidDataException>(() => ApiKeyFile.Write(_file, [record, record]));
    }

    [Theory]
    [InlineData("evil.example", null, 403)]
    [InlineData("127.0.0.1.evil.example", null, 403)]
    [InlineData("localhost", "https://evil.example", 403)]
    [InlineData("localhost", "null", 403)]
    [InlineData("localhost", "http://localhost:3000", 200)]
    [InlineData("app.localhost", null, 200)]
    [InlineData("[::1]", null, 200)]
    [InlineData("proxy.example", "https://proxy.example", 200)]
    public async Task On_the_loopback_only_names_of_the_loopback_are_answered(string name, string? origin, int status)
    {
        await using GatewayHost host = await GatewayHost.StartAsync(o => o.AllowedHosts = ["proxy.example"]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Host = name;
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using HttpResponseMessage response = await host.Client.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
    }

    private Task<GatewayHost> StartAsync(ApiKeyRecord key, TimeProvider? time = null)
    {
        ApiKeyFile.Write(_file, [key]);
        return GatewayHost.StartAsync((GatewayOptions o) => o.ApiKeysFile = _file, time);
    }

    private async Task<int[]> StatusesAsync(GatewayHost host, int count)
    {
        int[] statuses = new int[count];
        for (int i = 0; i < count; i++)
        {
            using HttpResponseMessage response = await SendAsync(host, "GET", "/v1/models", _key);
            statuses[i] = (int)response.StatusCode;
        }

        return statuses;
    }

    private async Task<HttpStatusCode> ChatAsync(GatewayHost host)
    {
        using HttpResponseMessage response = await SendAsync(host, "POST", "/v1/chat/completions", _key, Body);
        return response.StatusCode;
    }

    private static async Task<HttpResponseMessage> SendAsync(
        GatewayHost host, string method, string path, string? key, string body = Body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key);
        }

        if (method == "POST")
        {
            request.Content = new StringContent(body, null, "application/json");
        }

        return await host.Client.SendAsync(request);
    }
}
