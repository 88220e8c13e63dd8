using System.Net;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Errors;

/// <summary>Every row of the error table, seen by a client.</summary>
public sealed class ErrorRowTests
{
    private const string Chat = "/v1/chat/completions";
    private static readonly object Body = new { model = "toy", messages = new[] { new { role = "user", content = "Hi" } } };

    public static TheoryData<RequestOutcome> ErrorOutcomes =>
        [.. Enum.GetValues<RequestOutcome>().Where(o => o != RequestOutcome.None && !OutcomeErrors.IsSuccess(o))];

    [Theory]
    [MemberData(nameof(ErrorOutcomes))]
    public async Task A_submit_that_is_refused_answers_with_its_outcomes_row(RequestOutcome outcome)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = _ => SubmitResult.Reject(outcome, "because", TimeSpan.FromSeconds(6.5));
        await AssertRowAsync(host, outcome, "7");
        Assert.Equal(1, host.Metrics.Of("toy").OutcomesOf(outcome));
    }

    [Theory]
    [MemberData(nameof(ErrorOutcomes))]
    public async Task A_request_that_fails_before_its_first_token_answers_with_its_outcomes_row(RequestOutcome outcome)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run => run.Finish(outcome, "secret: /srv/models at 10.0.0.7");
        await AssertRowAsync(host, outcome, "1");
        Assert.Equal(1, host.Metrics.Of("toy").OutcomesOf(outcome));
    }

    [Theory]
    [MemberData(nameof(ErrorOutcomes))]
    public async Task A_stream_that_fails_midway_ends_with_an_error_event(RequestOutcome outcome)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run => run.Say("Hel").Finish(outcome, "secret");
        SseEvents stream = await host.StreamAsync(
            Chat, new { messages = new[] { new { role = "user", content = "Hi" } }, stream = true });

        Assert.False(stream.Done);
        Assert.Equal("Hel", stream.ChatText());
        ErrorRow row = OutcomeErrors.RowOf(outcome);
        AssertError(stream.Events[^1], row);
        host.AssertNothingLeft();
    }

    [Fact]
    public async Task A_failure_inside_names_nothing_of_the_inside()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run => run.Finish(RequestOutcome.EngineFailed, "secret: /srv/models at 10.0.0.7");
        using HttpResponseMessage response = await host.OpenAsync(Chat, Body);
        Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync());
        Assert.Contains(host.Logs.Lines, l => l.Line.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_submit_that_throws_is_503_and_names_nothing_of_the_inside()
    {
        await using GatewayHost host = await GatewayHost.StartAsync(o => o.SubmitPatience = TimeSpan.FromMilliseconds(300));
        int tries = 0;
        host.Backend.OnSubmit = _ =>
        {
            tries++;
            throw new InvalidOperationException("secret");
        };
        using HttpResponseMessage response = await host.OpenAsync(Chat, Body);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync());
        Assert.InRange(tries, 2, 4);
        host.AssertNothingLeft();
    }

    [Fact]
    public async Task A_submit_that_throws_once_is_made_again_and_answered()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        int tries = 0;
        host.Backend.OnSubmit = run => tries++ == 0
            ? throw new InvalidOperationException("the directory's silo has just gone")
            : run.Say("Hello").Finish(RequestOutcome.CompletedStop);
        using HttpResponseMessage response = await host.OpenAsync(Chat, Body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, tries);
    }

    [Fact]
    public async Task An_unknown_model_is_404_and_names_the_field()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.OpenAsync(
            Chat, new { model = "nope", messages = new[] { new { role = "user", content = "Hi" } } });
        JsonElement error = await ReadAsync(response, OutcomeErrors.RowOf(RequestOutcome.ModelNotFound));
        Assert.Equal("model", error.GetProperty("param").GetString());
        Assert.Contains("'nope'", error.GetProperty("message").GetString());
        Assert.Contains("'toy'", error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_prompt_too_long_is_400_with_both_numbers()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.OpenAsync(
            "/v1/completions", new { prompt = new string('a', 3000), max_tokens = 5 });
        JsonElement error = await ReadAsync(response, OutcomeErrors.RowOf(RequestOutcome.RejectedTooLong));
        Assert.Contains("2048", error.GetProperty("message").GetString());
        Assert.Contains("3006", error.GetProperty("message").GetString());
        Assert.Equal(0, host.Backend.Submits);
    }

    [Theory]
    [InlineData("/v1/completions")]
    [InlineData("/tokenize")]
    public async Task A_prompt_that_is_certainly_too_long_is_refused_before_it_is_tokenized(string path)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        // Tokens of the toy have 5 bytes at most: 100,000 bytes are 20,000 tokens or more, 10,000 with the slack for normalisation.
        using HttpResponseMessage response = await host.OpenAsync(path, new { prompt = new string('a', 100_000) });
        JsonElement error = await ReadAsync(response, OutcomeErrors.RowOf(RequestOutcome.RejectedTooLong));
        Assert.Contains("2048", error.GetProperty("message").GetString());
        Assert.Contains("at least 10000 tokens", error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Max_tokens_that_do_not_fit_are_400_with_both_numbers()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.OpenAsync(
            Chat, new { messages = new[] { new { role = "user", content = "Hi" } }, max_tokens = 2040 });
        JsonElement error = await ReadAsync(response, OutcomeErrors.RowOf(RequestOutcome.RejectedTooLong));
        Assert.Contains("2048", error.GetProperty("message").GetString());
        Assert.Contains("2059", error.GetProperty("message").GetString());
    }

    [Fact]
    public async Task A_full_gateway_is_429_with_Retry_After()
    {
        await using GatewayHost host = await GatewayHost.StartAsync(o => o.MaxGenerations = 1);
        host.Backend.OnSubmit = run => ScriptedRun.Accept();
        Task<HttpResponseMessage> first = host.OpenAsync(Chat, Body);
        ScriptedRun run = await host.Backend.NextAsync();
        using HttpResponseMessage second = await host.OpenAsync(Chat, Body);
        await ReadAsync(second, OutcomeErrors.RowOf(RequestOutcome.RejectedCapacity));
        Assert.Equal("1", second.Headers.RetryAfter?.ToString());

        run.Say("x").Finish(RequestOutcome.CompletedStop);
        using HttpResponseMessage answer = await first;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task While_the_model_loads_a_request_is_503()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Snapshot = Contracts.Fleet.FleetSnapshot.Empty;
        host.Fleet.Current = new Contracts.Ports.ModelReadiness { State = Contracts.Ports.ReadinessState.Loading, Progress = 0.5 };
        using HttpResponseMessage response = await host.OpenAsync(Chat, Body);
        await ReadAsync(response, OutcomeErrors.RowOf(RequestOutcome.NoInstance));
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions", 405)]
    [InlineData("PUT", "/v1/models", 405)]
    [InlineData("GET", "/v1/nothing", 404)]
    [InlineData("POST", "/", 405)]
    public async Task Unknown_routes_and_methods_answer_in_the_same_shape(string method, string path, int status)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        await ReadAsync(response, status == 404 ? DoorErrors.UnknownRoute : DoorErrors.WrongMethod);
        if (status == 405)
        {
            Assert.NotEmpty(response.Content.Headers.Allow);
        }
    }

    [Fact]
    public async Task A_body_that_is_not_declared_as_JSON_is_415()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.Client.PostAsync(Chat, new StringContent("{}"));
        await ReadAsync(response, DoorErrors.WrongMediaType);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_over_the_limit_is_413(bool chunked)
    {
        await using GatewayHost host = await GatewayHost.StartAsync(o => o.MaxBodyBytes = 10_000);
        var content = new StringContent($"{{\"prompt\":\"{new string('a', 20_000)}\"}}", null, "application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions") { Content = content };
        request.Headers.TransferEncodingChunked = chunked;
        using HttpResponseMessage response = await host.Client.SendAsync(request);
        await ReadAsync(response, DoorErrors.TooLarge);
    }

    private static async Task AssertRowAsync(GatewayHost host, RequestOutcome outcome, string retryAfter)
    {
        ErrorRow row = OutcomeErrors.RowOf(outcome);
        using HttpResponseMessage response = await host.OpenAsync(Chat, Body);
        await ReadAsync(response, row);
        Assert.Equal(row.Retry ? retryAfter : null, response.Headers.RetryAfter?.ToString());
        host.AssertNothingLeft();
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response, ErrorRow row)
    {
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(row.Status == (int)response.StatusCode, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return AssertError(JsonDocument.Parse(text).RootElement.Clone(), row);
    }

    private static JsonElement AssertError(JsonElement answer, ErrorRow row)
    {
        JsonElement error = answer.GetProperty("error");
        Assert.Equal(row.Type, error.GetProperty("type").GetString());
        Assert.Equal(row.Code, error.GetProperty("code").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.True(error.TryGetProperty("param", out _));
        return error;
    }
}
