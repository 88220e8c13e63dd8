using System.Net;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Gateway.Keys;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Timelines;

/// <summary>/cluster/requests: what a gateway remembers of its requests.</summary>
public sealed class RequestsTests : IDisposable
{
    private const string Secret = "a secret of the prompt";
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"xllm-keys-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task A_request_that_has_ended_shows_its_steps_and_none_of_its_text()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run => run.Say("Hello").Finish(RequestOutcome.CompletedStop) with { Starts = [RunsOf(0)] };
        JsonElement answer = await host.AskAsync("/v1/chat/completions", Chat());

        string list = await host.Client.GetStringAsync("/cluster/requests");
        JsonElement one = Assert.Single(JsonDocument.Parse(list).RootElement.GetProperty("data").EnumerateArray());
        Assert.Equal("completed", one.GetProperty("state").GetString());
        Assert.Equal("CompletedStop", one.GetProperty("outcome").GetString());
        Assert.Equal("/v1/chat/completions", one.GetProperty("path").GetString());
        Assert.Equal(5, one.GetProperty("generated_tokens").GetInt32());
        Assert.True(one.GetProperty("ttft_seconds").GetDouble() <= one.GetProperty("elapsed_seconds").GetDouble());
        Assert.DoesNotContain(Secret, list);

        string whole = await host.Client.GetStringAsync("/cluster/requests/" + one.GetProperty("id").GetString());
        JsonElement[] steps = [.. JsonDocument.Parse(whole).RootElement.GetProperty("steps").EnumerateArray()];
        Assert.Equal(
            ["parse", "text", "submit", "own", "route", "reserve", "start", "queue", "prefill", "decode", "stream", "detokenize", "answer", "end"],
            steps.OrderBy(s => s.GetProperty("step").GetInt32()).Select(s => s.GetProperty("name").GetString()));
        Assert.Single(steps, s => s.TryGetProperty("slowest", out _));
        Assert.All(steps, s => Assert.True(s.GetProperty("begin").GetDouble() <= s.GetProperty("end").GetDouble()));
        Assert.DoesNotContain(Secret, whole);
        // The answer's id finds it too.
        string byAnswer = await host.Client.GetStringAsync("/cluster/requests/" + answer.GetProperty("id").GetString());
        Assert.Equal(whole, byAnswer);
    }

    [Fact]
    public async Task A_running_request_is_open_and_one_that_moved_says_where_to()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = _ => ScriptedRun.Accept() with { Starts = [RunsOf(0)] };
        host.Backend.OnStarts = _ => [RunsOf(0), RunsOf(1, "Lost", 2)];
        Task<JsonElement> asking = host.AskAsync("/v1/chat/completions", Chat());
        ScriptedRun run = await host.Backend.NextAsync();
        JsonElement waiting = await OneAsync(host, run);
        Assert.Equal("waiting", waiting.GetProperty("state").GetString());
        Assert.True(StepOf(waiting, "prefill").GetProperty("open").GetBoolean());

        run.Say("ab");
        await host.Hub.HandOverAsync(run.Request.Id, 1);
        run.Send(new TokenChunk
        {
            Request = run.Request.Id, Run = 1, FirstIndex = 2, Tokens = [run.TokenOf('c')], Outcome = RequestOutcome.CompletedStop,
            Usage = new RequestUsage { QueueSeconds = 3, FirstTokenSeconds = 4, LastTokenSeconds = 4 },
        });
        await asking;

        JsonElement moved = await OneAsync(host, run);
        Assert.Equal(2, moved.GetProperty("runs").GetInt32());
        Assert.Equal("silo/cpu1", moved.GetProperty("instance").GetString());
        JsonElement lost = StepOf(moved, "lost");
        Assert.Equal(("silo/cpu0", 0), (lost.GetProperty("instance").GetString(), lost.GetProperty("run").GetInt32()));
        Assert.StartsWith("Lost", lost.GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, moved.GetProperty("steps").EnumerateArray().Count(s => s.GetProperty("name").GetString() == "decode"));
    }

    [Fact]
    public async Task A_refused_request_shows_who_refused_it()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        RunStart full = RunsOf(0) with
        {
            ReservedSeconds = double.NaN, StartedSeconds = double.NaN, Refusal = RequestOutcome.RejectedCapacity, Message = "512 requests wait",
        };
        host.Backend.OnSubmit = _ => SubmitResult.Reject(RequestOutcome.RejectedCapacity, "full") with { Starts = [full] };
        using HttpResponseMessage refused = await host.PostAsync("/v1/chat/completions", JsonSerializer.Serialize(Chat()));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);

        JsonElement one = await OneAsync(host, await host.Backend.NextAsync());
        Assert.Equal(("failed", "RejectedCapacity"), (one.GetProperty("state").GetString(), one.GetProperty("outcome").GetString()));
        JsonElement reserve = StepOf(one, "reserve");
        Assert.True(reserve.GetProperty("fault").GetBoolean());
        Assert.Equal("512 requests wait", reserve.GetProperty("note").GetString());
    }

    [Fact]
    public async Task Only_so_many_are_kept_the_newest()
    {
        await using GatewayHost host = await GatewayHost.StartAsync(o => o.MaxRecentRequests = 3);
        await host.AskAsync("/v1/completions", new { prompt = "x", n = 2 });
        await host.AskAsync("/v1/completions", new { prompt = "x", n = 2 });

        string[] ids = [.. (await ListAsync(host, "?limit=2")).Select(r => $"{r.GetProperty("choice")} of {r.GetProperty("choices")}")];
        Assert.Equal(["1 of 2", "0 of 2"], ids);
        Assert.Equal(3, (await ListAsync(host, "")).Length);
        ScriptedRun first = await host.Backend.NextAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await host.Client.GetAsync("/cluster/requests/" + first.Request.Id)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await host.Client.GetAsync("/cluster/requests?limit=0")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await host.Client.GetAsync("/cluster/requests?limit=x")).StatusCode);
    }

    [Fact]
    public async Task With_none_kept_requests_are_answered_all_the_same()
    {
        await using GatewayHost host = await GatewayHost.StartAsync(o => o.MaxRecentRequests = 0);
        await host.AskAsync("/v1/chat/completions", Chat());
        Assert.Empty(await ListAsync(host, ""));
    }

    [Fact]
    public async Task With_keys_one_sees_ones_own_and_an_admin_sees_all()
    {
        (string mine, string other, string admin) = (ApiKeyText.New(), ApiKeyText.New(), ApiKeyText.New());
        ApiKeyFile.Write(_file,
        [
            new ApiKeyRecord { Name = "mine", Hash = ApiKeyText.HashOf(mine) },
            new ApiKeyRecord { Name = "other", Hash = ApiKeyText.HashOf(other) },
            new ApiKeyRecord { Name = "admin", Hash = ApiKeyText.HashOf(admin), IsAdmin = true },
        ]);
        await using GatewayHost host = await GatewayHost.StartAsync(o => o.ApiKeysFile = _file);
        SetKey(host, mine);
        await host.AskAsync("/v1/chat/completions", Chat());
        string path = "/cluster/requests/" + (await host.Backend.NextAsync()).Request.Id;

        Assert.Single(await ListAsync(host, ""));
        SetKey(host, other);
        Assert.Empty(await ListAsync(host, ""));
        Assert.Equal(HttpStatusCode.NotFound, (await host.Client.GetAsync(path)).StatusCode);
        SetKey(host, admin);
        Assert.Equal("mine", Assert.Single(await ListAsync(host, "")).GetProperty("key").GetString());
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync(path)).StatusCode);
    }

    private static object Chat() => new { messages = new[] { new { role = "user", content = Secret } }, max_tokens = 20 };

    private static RunStart RunsOf(int run, string cause = "", double at = 0) => new()
    {
        Run = run,
        Cause = cause,
        Plan = RoutePlan.Mixed(new($"silo/cpu{run}"), default, 0, "test"),
        BeganSeconds = at,
        RoutedSeconds = at + 0.001,
        ReservedSeconds = at + 0.002,
        StartedSeconds = at + 0.003,
    };

    private static void SetKey(GatewayHost host, string key) => host.Client.DefaultRequestHeaders.Authorization = new("Bearer", key);

    private static async Task<JsonElement> OneAsync(GatewayHost host, ScriptedRun run) =>
        JsonDocument.Parse(await host.Client.GetStringAsync("/cluster/requests/" + run.Request.Id)).RootElement;

    private static async Task<JsonElement[]> ListAsync(GatewayHost host, string query) =>
        [.. JsonDocument.Parse(await host.Client.GetStringAsync("/cluster/requests" + query)).RootElement.GetProperty("data").EnumerateArray()];

    private static JsonElement StepOf(JsonElement request, string name) =>
        Assert.Single(request.GetProperty("steps").EnumerateArray(), s => s.GetProperty("name").GetString() == name);
}
