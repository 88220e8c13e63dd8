using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Telemetry;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Streaming;

/// <summary>A request that goes on elsewhere is one stream to its client.</summary>
public sealed class HandOverTests
{
    private const string Chat = "/v1/chat/completions";
    private static readonly object Body = new { messages = new[] { new { role = "user", content = "Hi" } }, max_tokens = 10 };

    [Fact]
    public async Task Chunks_of_an_older_run_are_dropped_and_the_next_run_goes_on_after_what_came()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        ImmutableArray<int>? known = null;
        host.Backend.OnSubmit = run =>
        {
            run.Send(ChunkOf(run, 0, 0, "abc"));
            known = HandOver(host, run, 1);
            run.Send(ChunkOf(run, 0, 3, "xyz"));
            run.Send(ChunkOf(run, 1, 3, "de"));
            run.Send(ChunkOf(run, 0, 6, "") with { Outcome = RequestOutcome.Cancelled });
            run.Send(ChunkOf(run, 1, 5, "f") with { Outcome = RequestOutcome.CompletedStop });
            return ScriptedRun.Accept();
        };

        JsonElement answer = await host.AskAsync(Chat, Body);

        Assert.Equal("abc".Select(c => (int)c), known!.Value);
        Assert.Equal("abcdef", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(6, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Equal(1, CountOf(host.Metrics.Of("toy").TimeToFirstToken));
        Assert.Equal(1, CountOf(host.Metrics.Of("toy").FailoverGap));
        Assert.Equal(1, host.Metrics.Of("toy").OutcomesOf(RequestOutcome.CompletedStop));
    }

    [Fact]
    public async Task Tokens_that_wait_for_a_slow_reader_count_as_received()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        ImmutableArray<int>? first = null;
        ImmutableArray<int>? again = null;
        host.Backend.OnSubmit = run =>
        {
            // Nobody reads before the submit has returned.
            run.Send(ChunkOf(run, 0, 0, "ab"));
            run.Send(ChunkOf(run, 0, 1, "bc"));
            first = HandOver(host, run, 1);
            again = HandOver(host, run, 2);
            run.Send(ChunkOf(run, 1, 3, "?"));
            run.Send(ChunkOf(run, 2, 3, "d") with { Outcome = RequestOutcome.CompletedLength });
            return ScriptedRun.Accept();
        };

        JsonElement answer = await host.AskAsync(Chat, Body);

        Assert.Equal("abc".Select(c => (int)c), first!.Value);
        Assert.Equal("abc".Select(c => (int)c), again!.Value);
        Assert.Equal("abcd", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
    }

    [Fact]
    public async Task A_request_that_has_its_last_chunk_or_is_not_known_has_nothing_to_hand_over()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        ImmutableArray<int>? ended = [];
        host.Backend.OnSubmit = run =>
        {
            run.Send(ChunkOf(run, 0, 0, "a") with { Outcome = RequestOutcome.CompletedStop });
            ended = HandOver(host, run, 1);
            return ScriptedRun.Accept();
        };

        await host.AskAsync(Chat, Body);

        Assert.Null(ended);
        Assert.Null(HandOver(host, host.Backend.Runs.Single(), 1));
        host.AssertNothingLeft();
    }

    [Fact]
    public async Task A_stop_string_may_lie_across_two_runs()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run =>
        {
            run.AnswersEnd = false;
            run.Send(ChunkOf(run, 0, 0, "abST"));
            HandOver(host, run, 1);
            run.Send(ChunkOf(run, 1, 4, "OPcd"));
            run.Send(ChunkOf(run, 1, 8, "") with { Outcome = RequestOutcome.CompletedStop });
            return ScriptedRun.Accept();
        };

        JsonElement answer = await host.AskAsync(
            Chat, new { messages = new[] { new { role = "user", content = "Hi" } }, stop = "STOP", max_tokens = 10 });

        Assert.Equal("ab", answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal(RequestOutcome.CompletedStop, await host.Backend.Runs.Single().Ended.Task.WaitAsync(TestTime.Limit));
    }

    [Fact]
    public async Task A_run_that_could_not_go_on_ends_in_the_house_s_error()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run =>
        {
            HandOver(host, run, 1);
            run.Send(ChunkOf(run, 1, 0, "") with { Outcome = RequestOutcome.InstanceLost, Error = "none is left" });
            return ScriptedRun.Accept();
        };

        using HttpResponseMessage response = await host.OpenAsync(Chat, Body);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("instance_lost", await response.Content.ReadAsStringAsync());
    }

    private static ImmutableArray<int>? HandOver(GatewayHost host, ScriptedRun run, int to)
    {
        Task<ImmutableArray<int>?> answer = host.Hub.HandOverAsync(run.Request.Id, to);
        Assert.True(answer.IsCompletedSuccessfully);
        return answer.Result;
    }

    private static long CountOf(Histogram histogram) => Enumerable.Range(0, histogram.Bounds.Count + 1).Sum(histogram.CountOf);

    private static TokenChunk ChunkOf(ScriptedRun run, int number, int first, string text) => new()
    {
        Request = run.Request.Id,
        Run = number,
        FirstIndex = first,
        Tokens = [.. text.Select(c => new GeneratedToken(c))],
    };
}
