using System.Net;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Tests.Harness;
using XLLM.Testing;

namespace XLLM.Gateway.Tests.Batches;

/// <summary>Batches from their making to their files.</summary>
public sealed class BatchTests
{
    [Fact]
    public async Task Every_request_of_a_batch_is_answered_once_in_the_order_of_its_file()
    {
        await using StoreHost host = await StoreHost.StartAsync();
        host.Backend.OnSubmit = run => run.Say("Hi " + run.PromptText).Finish(RequestOutcome.CompletedStop);
        string id = await host.SubmitAsync(StoreHost.Lines(40));
        JsonElement batch = await host.EndAsync(id, "completed");
        IReadOnlyList<JsonElement> lines = await host.ResultsAsync(batch);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"id-{i}"), StoreHost.IdsOf(lines));
        JsonElement third = lines[3];
        Assert.StartsWith("batch_req_", third.GetProperty("id").GetString());
        Assert.Equal(JsonValueKind.Null, third.GetProperty("error").ValueKind);
        JsonElement response = third.GetProperty("response");
        Assert.Equal(200, response.GetProperty("status_code").GetInt32());
        Assert.NotEmpty(response.GetProperty("request_id").GetString()!);
        Assert.Equal(
            "Hi [user]id-3[assistant]",
            response.GetProperty("body").GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("""{"total":40,"completed":40,"failed":0}""", batch.GetProperty("request_counts").GetRawText());
        Assert.Equal(JsonValueKind.Null, batch.GetProperty("error_file_id").ValueKind);
        Assert.All(
            (string[])["in_progress_at", "finalizing_at", "completed_at"],
            name => Assert.Equal(JsonValueKind.Number, batch.GetProperty(name).ValueKind));
        Assert.All(host.Backend.Runs, run => Assert.Equal(RequestPriority.Offline, run.Request.Priority));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(host.Folder, "uploads")));
        host.Gateway.AssertNothingLeft();
    }

    [Fact]
    public async Task Refused_requests_go_to_the_error_file_with_their_answer()
    {
        await using StoreHost host = await StoreHost.StartAsync();
        const string Post = "\"method\":\"POST\",\"url\":\"/v1/chat/completions\"";
        const string Message = """{"role":"user","content":"a"}""";
        string bad = $$$"""{"custom_id":"bad",{{{Post}}},"body":{"model":"toy","messages":"no"}}""";
        string unknown = $$$"""{"custom_id":"unknown",{{{Post}}},"body":{"model":"x","messages":[{{{Message}}}]}}""";
        string id = await host.SubmitAsync($"{StoreHost.Line("good")}\n\n  \n{bad}\r\n{unknown}");
        JsonElement batch = await host.EndAsync(id, "completed");
        Assert.Equal("good", Assert.Single(StoreHost.IdsOf(await host.ResultsAsync(batch))));
        IReadOnlyList<JsonElement> errors = await host.ResultsAsync(batch, "error_file_id");
        Assert.Equal(["bad", "unknown"], StoreHost.IdsOf(errors));
        Assert.Equal([400, 404], errors.Select(e => e.GetProperty("response").GetProperty("status_code").GetInt32()));
        Assert.Equal("messages", errors[0].GetProperty(
            "response").GetProperty("body").GetProperty("error").GetProperty("param").GetString());
        Assert.Equal("""{"total":3,"completed":1,"failed":2}""", batch.GetProperty("request_counts").GetRawText());
    }

    [Fact]
    public async Task Refusals_for_want_of_room_are_tried_again_and_are_no_failures()
    {
        await using StoreHost host = await StoreHost.StartAsync();
        int refusals = 0;
        host.Backend.OnSubmit = run => Interlocked.Increment(ref refusals) <= 3
            ? SubmitResult.Reject(RequestOutcome.RejectedCapacity, "full")
            : run.Say("x").Finish(RequestOutcome.CompletedStop);
        JsonElement batch = await host.EndAsync(await host.SubmitAsync(StoreHost.Lines(4)), "completed");
        Assert.Equal("""{"total":4,"completed":4,"failed":0}""", batch.GetProperty("request_counts").GetRawText());
        string metrics = await host.Gateway.Client.GetStringAsync("/metrics");
        Assert.Contains("xllm:batch_line_retries_total 3\n", metrics);
        Assert.Contains("xllm:batch_lines_total{outcome=\"completed\"} 4\n", metrics);
        Assert.Contains("xllm:batches{state=\"completed\"} 1\n", metrics);
    }

    [Theory]
    [InlineData("/v1/completions", """{"prompt":"a"}""", "text_completion")]
    [InlineData("/v1/responses", """{"input":"a"}""", "response")]
    [InlineData("/v1/embeddings", """{"input":"a"}""", "list")]
    public async Task Other_endpoints_take_batches_too(string endpoint, string body, string kind)
    {
        await using StoreHost host = await StoreHost.StartAsync();
        string line = $$"""{"custom_id":"a","method":"POST","url":"{{endpoint}}","body":{{body}}}""";
        JsonElement batch = await host.EndAsync(await host.SubmitAsync(line, endpoint), "completed");
        JsonElement answer = Assert.Single(await host.ResultsAsync(batch)).GetProperty("response").GetProperty("body");
        Assert.Equal(kind, answer.GetProperty("object").GetString());
    }

    [Fact]
    public async Task A_batch_for_responses_keeps_them_for_its_owner()
    {
        await using StoreHost host = await StoreHost.StartAsync();
        const string Line = """{"custom_id":"a","method":"POST","url":"/v1/responses","body":{"input":"a"}}""";
        JsonElement batch = await host.EndAsync(await host.SubmitAsync(Line, "/v1/responses"), "completed");
        JsonElement answer = Assert.Single(await host.ResultsAsync(batch)).GetProperty("response").GetProperty("body");
        JsonElement kept = await host.GetAsync("/v1/responses/" + answer.GetProperty("id").GetString());
        Assert.Equal(answer.GetRawText(), kept.GetRawText());
    }

    [Fact]
    public async Task What_only_has_to_end_needs_no_place_and_the_others_wait_for_one()
    {
        await using StoreHost host = await StoreHost.StartAsync(configure: o => o.BatchesAtOnce = 1);
        host.Backend.OnSubmit = _ => ScriptedRun.Accept();
        string running = await host.SubmitAsync(StoreHost.Lines(1));
        ScriptedRun held = await host.Backend.NextAsync();
        string waiting = await host.SubmitAsync(StoreHost.Lines(1));
        string next = await host.SubmitAsync(StoreHost.Lines(1));
        await host.AskAsync(HttpMethod.Post, $"/v1/batches/{waiting}/cancel");
        await host.EndAsync(waiting, "cancelled");
        Assert.Equal(1, host.Backend.Submits);
        Assert.Equal("validating", StoreHost.StatusOf(await host.GetAsync("/v1/batches/" + next)));
        host.Backend.OnSubmit = run => run.Finish(RequestOutcome.CompletedStop);
        held.Finish(RequestOutcome.CompletedStop);
        await host.EndAsync(running, "completed");
        await host.EndAsync(next, "completed");
    }

    [Fact]
    public async Task A_cancelled_batch_leaves_what_was_answered_and_says_what_was_not()
    {
        await using StoreHost host = await StoreHost.StartAsync();
        int submitted = 0;
        host.Backend.OnSubmit = run => Interlocked.Increment(ref submitted) <= 3
            ? run.Say("x").Finish(RequestOutcome.CompletedStop)
            : ScriptedRun.Accept();
        string id = await host.SubmitAsync(StoreHost.Lines(20));
        await host.UntilAsync(id, b => b.GetProperty("request_counts").GetProperty("completed").GetInt32() == 3);
        JsonElement cancelling = await host.AskAsync(HttpMethod.Post, $"/v1/batches/{id}/cancel");
        Assert.Equal("cancelling", StoreHost.StatusOf(cancelling));
        JsonElement batch = await host.EndAsync(id, "cancelled");
        IReadOnlyList<JsonElement> done = await host.ResultsAsync(batch);
        IReadOnlyList<JsonElement> rest = await host.ResultsAsync(batch, "error_file_id");
        Assert.Equal((3, 17), (done.Count, rest.Count));
        Assert.Equal(20, StoreHost.IdsOf([.. done, .. rest]).Distinct().Count());
        Assert.All(rest, r => Assert.Equal("batch_cancelled", r.GetProperty("error").GetProperty("code").GetString()));
        await host.AskAsync(HttpMethod.Post, $"/v1/batches/{id}/cancel", null, HttpStatusCode.Conflict);
        host.Gateway.AssertNothingLeft();
    }

    [Fact]
    public async Task A_batch_that_is_not_done_in_its_window_expires_with_what_was_answered()
    {
        ManualTime time = new();
        await using StoreHost host = await StoreHost.StartAsync(time: time);
        host.Backend.OnSubmit = run => run.PromptText.Contains("id-0", StringComparison.Ordinal)
            ? run.Say("x").Finish(RequestOutcome.CompletedStop)
            : ScriptedRun.Accept();
        string id = await host.SubmitAsync(StoreHost.Lines(6), window: "1h");
        await host.UntilAsync(
            id, b => b.GetProperty("request_counts").GetProperty("completed").GetInt32() == 1,
            () => time.Advance(TimeSpan.FromSeconds(1)));
        time.Advance(TimeSpan.FromHours(1));
        JsonElement batch = await host.EndAsync(id, "expired", () => time.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal("id-0", Assert.Single(StoreHost.IdsOf(await host.ResultsAsync(batch))));
        IReadOnlyList<JsonElement> rest = await host.ResultsAsync(batch, "error_file_id");
        Assert.Equal(Enumerable.Range(1, 5).Select(i => $"id-{i}"), StoreHost.IdsOf(rest));
        Assert.All(rest, r => Assert.Equal("batch_expired", r.GetProperty("error").GetProperty("code").GetString()));
        Assert.Equal(JsonValueKind.Number, batch.GetProperty("expired_at").ValueKind);
    }
}
