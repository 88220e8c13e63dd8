using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using XLLM.Gateway.Keys;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Keys;

/// <summary>/cluster/keys: keys managed with an admin's key.</summary>
public sealed class KeysEndpointTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"xllm-keys-{Guid.NewGuid():N}.json");
    private readonly string _admin = ApiKeyText.New();
    private readonly string _other = ApiKeyText.New();

    public void Dispose()
    {
        File.Delete(_file);
        File.Delete(_file + ".lock");
    }

    [Fact]
    public async Task A_key_is_made_shown_once_used_and_removed()
    {
        await using GatewayHost host = await StartAsync();
        JsonElement made = await host.AskAsync(
            "/cluster/keys", new { name = "team-a", requests_per_minute = 3, tokens_per_minute = 1000, concurrency = 2, priority = "batch" });
        string key = made.GetProperty("key").GetString()!;
        Assert.Equal(key, (await UseAsync(host, key)).Key);

        JsonElement[] all = await ListAsync(host);
        Assert.Equal(["admin", "other", "team-a"], all.Select(k => k.GetProperty("name").GetString()));
        JsonElement shown = all[2];
        Assert.Equal((3, 1000, 2, "batch"), (
            shown.GetProperty("requests_per_minute").GetInt32(), shown.GetProperty("tokens_per_minute").GetInt32(),
            shown.GetProperty("concurrency").GetInt32(), shown.GetProperty("priority").GetString()));
        JsonElement usage = shown.GetProperty("usage");
        // 19 tokens of the prompt and 13 of the answer.
        Assert.Equal((1, 32, 0), (usage.GetProperty("requests").GetInt32(), usage.GetProperty("tokens").GetInt32(), usage.GetProperty("running").GetInt32()));
        Assert.InRange(usage.GetProperty("requests_left").GetInt32(), 2, 3);
        Assert.InRange(usage.GetProperty("tokens_left").GetInt32(), 968, 1000);
        Assert.True(usage.GetProperty("last_used_at").GetInt64() > 0);
        Assert.True(all[0].GetProperty("own").GetBoolean());
        string text = await host.Client.GetStringAsync("/cluster/keys");
        Assert.All(new[] { key, ApiKeyText.HashOf(key), _admin, ApiKeyText.HashOf(_admin) }, secret => Assert.DoesNotContain(secret, text));
        // The file has it too, for the other gateways and the next start.
        Assert.Equal(ApiKeyText.HashOf(key), ApiKeyFile.Read(_file).Single(k => k.Name == "team-a").Hash);

        Assert.Equal(HttpStatusCode.OK, (await host.Client.DeleteAsync("/cluster/keys/team-a")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await UseAsync(host, key)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await host.Client.DeleteAsync("/cluster/keys/team-a")).StatusCode);
    }

    [Fact]
    public async Task The_answer_with_a_key_is_kept_by_no_cache()
    {
        await using GatewayHost host = await StartAsync();
        using HttpResponseMessage made = await host.Client.PostAsJsonAsync("/cluster/keys", new { name = "a" });
        Assert.True(made.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task Only_an_admin_may_and_nobody_may_remove_its_own_key()
    {
        await using GatewayHost host = await StartAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await host.Client.DeleteAsync("/cluster/keys/admin")).StatusCode);
        SetKey(host, _other);
        using HttpResponseMessage list = await host.Client.GetAsync("/cluster/keys");
        using HttpResponseMessage make = await host.Client.PostAsJsonAsync("/cluster/keys", new { name = "x", admin = true });
        using HttpResponseMessage remove = await host.Client.DeleteAsync("/cluster/keys/admin");
        Assert.All(new[] { list, make, remove }, r => Assert.Equal(HttpStatusCode.Forbidden, r.StatusCode));
        Assert.Equal(2, ApiKeyFile.Read(_file).Count);
    }

    [Fact]
    public async Task Without_keys_there_is_nothing_to_manage()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using JsonDocument list = JsonDocument.Parse(await host.Client.GetStringAsync("/cluster/keys"));
        Assert.False(list.RootElement.GetProperty("keys_needed").GetBoolean());
        using HttpResponseMessage make = await host.Client.PostAsJsonAsync("/cluster/keys", new { name = "x" });
        Assert.Equal(HttpStatusCode.Forbidden, make.StatusCode);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"name":"a b"}""")]
    [InlineData("""{"name":""}""")]
    [InlineData("""{"name":"other"}""")]
    [InlineData("""{"name":"a","requests_per_minute":0}""")]
    [InlineData("""{"name":"a","concurrency":"2"}""")]
    [InlineData("""{"name":"a","priority":"highest"}""")]
    [InlineData("[]")]
    public async Task A_wrong_key_is_refused_and_changes_nothing(string body)
    {
        await using GatewayHost host = await StartAsync();
        using HttpResponseMessage refused = await host.PostAsync("/cluster/keys", body);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(2, ApiKeyFile.Read(_file).Count);
    }

    [Fact]
    public async Task A_form_of_another_page_is_not_taken()
    {
        await using GatewayHost host = await StartAsync();
        using HttpResponseMessage form = await host.Client.PostAsync("/cluster/keys", new StringContent("""{"name":"a"}""", null, "text/plain"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, form.StatusCode);
    }

    [Fact]
    public async Task Changes_by_several_at_once_are_all_kept()
    {
        await using GatewayHost host = await StartAsync();
        Task[] changes =
        [
            .. Enumerable.Range(0, 16).Select(i => Task.Run(() => ApiKeyFile.Change(
                _file, keys => [.. keys, new ApiKeyRecord { Name = $"k{i}", Hash = ApiKeyText.HashOf($"{i}") }]))),
        ];
        await Task.WhenAll(changes);
        Assert.Equal(18, ApiKeyFile.Read(_file).Count);
    }

    private async Task<GatewayHost> StartAsync()
    {
        ApiKeyFile.Write(_file,
        [
            new ApiKeyRecord { Name = "admin", Hash = ApiKeyText.HashOf(_admin), IsAdmin = true },
            new ApiKeyRecord { Name = "other", Hash = ApiKeyText.HashOf(_other) },
        ]);
        GatewayHost host = await GatewayHost.StartAsync(o => o.ApiKeysFile = _file);
        SetKey(host, _admin);
        return host;
    }

    private static void SetKey(GatewayHost host, string key) => host.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);

    private static async Task<(string Key, HttpStatusCode Status)> UseAsync(GatewayHost host, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = JsonContent.Create(new { messages = new[] { new { role = "user", content = "Hi" } }, max_tokens = 20 }),
        };
        request.Headers.Authorization = new("Bearer", key);
        using HttpResponseMessage response = await host.Client.SendAsync(request);
        await response.Content.ReadAsStringAsync().WaitAsync(TestTime.Limit);
        return (key, response.StatusCode);
    }

    private static async Task<JsonElement[]> ListAsync(GatewayHost host) =>
        [.. JsonDocument.Parse(await host.Client.GetStringAsync("/cluster/keys")).RootElement.GetProperty("data").EnumerateArray()];
}
