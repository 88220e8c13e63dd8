using System.Net;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Tests.Harness;
using XLLM.Testing;

namespace XLLM.Gateway.Tests.Streaming;

/// <summary>Chunks that come twice, not at all, too late, or too many.</summary>
public sealed class ChunkOrderTests
{
    private const string Chat = "/v1/chat/completions";
    private static readonly object Body = new { messages = new[] { new { role = "user", content = "Hi" } }, max_tokens = 10 };

    [Fact]
    public async Task Tokens_that_come_again_are_dropped()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run =>
        {
            TokenChunk abc = ChunkOf(run, 0, "abc");
            run.Send(abc);
            run.Send(abc);
            run.Send(ChunkOf(run, 2, "cde"));
            run.Send(ChunkOf(run, 5, "") with { Outcome = RequestOutcome.CompletedStop });
            return ScriptedRun.Accept();
        };
        JsonElement answer = await host.AskAsync(Chat, Body);
        Assert.Equal("abcde", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(5, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task A_gap_is_an_instance_lost_and_never_a_text_with_a_hole()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run =>
        {
            run.Send(ChunkOf(run, 0, "abc"));
            run.Send(ChunkOf(run, 4, "e"));
            return ScriptedRun.Accept();
        };
        using HttpResponseMessage response = await host.OpenAsync(Chat, Body);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("instance_lost", await response.Content.ReadAsStringAsync());
        Assert.Equal(RequestOutcome.Cancelled, await host.Backend.Runs.Single().Ended.Task.WaitAsync(TestTime.Limit));
    }

    [Fact]
    public async Task More_tokens_than_asked_for_are_an_engine_failure()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run =>
        {
            run.SayAtOnce("eleven tokens, or more");
            return ScriptedRun.Accept();
        };
        using HttpResponseMessage response = await host.OpenAsync(Chat, Body);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    [Fact]
    public async Task Chunks_of_unknown_requests_are_dropped()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        await host.AskAsync(Chat, Body);
        host.Backend.Runs.Single().Say("late");
        host.AssertNothingLeft();
    }

    [Fact]
    public async Task Without_a_first_token_for_too_long_a_request_is_lost_and_ended()
    {
        var time = new ManualTime();
        await using GatewayHost host = await GatewayHost.StartAsync(time: time);
        host.Backend.OnSubmit = _ => ScriptedRun.Accept();
        Task<HttpResponseMessage> answer = host.OpenAsync(Chat, Body);
        await time.ArmedAsync();
        time.Advance(new GatewayOptions().FirstTokenTimeout);
        using HttpResponseMessage response = await answer;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(RequestOutcome.Cancelled, await host.Backend.Runs.Single().Ended.Task.WaitAsync(TestTime.Limit));
        Assert.Equal(1, host.Metrics.Of("toy").OutcomesOf(RequestOutcome.InstanceLost));
    }

    [Fact]
    public async Task Without_another_token_for_too_long_a_stream_ends_in_an_error()
    {
        var time = new ManualTime();
        await using GatewayHost host = await GatewayHost.StartAsync(time: time);
        host.Backend.OnSubmit = _ => ScriptedRun.Accept();
        Task<SseEvents> reading = host.StreamAsync(Chat, new { messages = new[] { new { role = "user", content = "Hi" } }, stream = true });
        ScriptedRun run = await host.Backend.NextAsync();
        await time.ArmedAsync();
        run.Say("a");
        await time.ArmedAsync();
        time.Advance(new GatewayOptions().IdleTokenTimeout);
        SseEvents stream = await reading;
        Assert.Equal("a", stream.ChatText());
        Assert.Equal("instance_lost", stream.Events[^1].GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_last_chunk_that_never_comes_after_a_stop_string_does_not_hold_the_answer_up_for_long()
    {
        var time = new ManualTime();
        await using GatewayHost host = await GatewayHost.StartAsync(time: time);
        host.Backend.OnSubmit = run =>
        {
            run.AnswersEnd = false;
            run.Say("abc");
            return ScriptedRun.Accept();
        };
        Task<JsonElement> answer = host.AskAsync(Chat, new { messages = new[] { new { role = "user", content = "Hi" } }, stop = "b" });
        await time.ArmedAsync();
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("stop", (await answer).GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        host.AssertNothingLeft();
    }

    private static TokenChunk ChunkOf(ScriptedRun run, int first, string text) => new()
    {
        Request = run.Request.Id,
        FirstIndex = first,
        Tokens = [.. text.Select(c => new GeneratedToken(c))],
    };
}
