using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Batches;
using XLLM.Gateway.Storage;
using XLLM.Gateway.Tests.Harness;
using XLLM.Testing;

namespace XLLM.Gateway.Tests.Batches;

/// <summary>Batches that change hands between gateways of one data folder.</summary>
public sealed class BatchRestartTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"xllm-restart-{Guid.NewGuid():N}");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_was_answered_before_a_restart_does_not_run_again()
    {
        string id;
        string[] before;
        await using (StoreHost first = await StoreHost.StartAsync(_folder))
        {
            int submitted = 0;
            first.Backend.OnSubmit = run => Interlocked.Increment(ref submitted) <= 5
                ? run.Say("first").Finish(RequestOutcome.CompletedStop)
                : ScriptedRun.Accept();
            id = await first.SubmitAsync(StoreHost.Lines(30));
            await first.UntilAsync(id, b => b.GetProperty("request_counts").GetProperty("completed").GetInt32() == 5);
        }

        // As a crash in the middle of a write would leave it.
        string journal = Assert.Single(Directory.GetFiles(Path.Combine(_folder, "batches", id)));
        await File.AppendAllTextAsync(journal, "7 + 01234567 {\"id\":\"batch_req_torn\",\"custom_id\":\"id-7\",\"resp");
        await using StoreHost second = await StoreHost.StartAsync(_folder);
        second.Backend.OnSubmit = run => run.Say("second").Finish(RequestOutcome.CompletedStop);
        JsonElement batch = await second.EndAsync(id, "completed");
        IReadOnlyList<JsonElement> lines = await second.ResultsAsync(batch);
        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"id-{i}"), StoreHost.IdsOf(lines));
        before = [.. lines.Where(l => l.GetRawText().Contains("first", StringComparison.Ordinal)).Select(l => l.GetRawText())];
        Assert.Equal((5, 25), (before.Length, second.Backend.Submits));
        Assert.False(Directory.Exists(Path.Combine(_folder, "batches", id)));
        Assert.Contains(
            second.Gateway.Logs.Lines, l => l.Line.Contains("1 lines that were not written whole", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("cancelled")]
    public async Task A_batch_that_ends_while_nobody_works_on_it_is_ended_by_the_next_gateway(string end)
    {
        ManualTime time = new();
        string id;
        await using (StoreHost first = await StoreHost.StartAsync(_folder, time: time))
        {
            int submitted = 0;
            first.Backend.OnSubmit = run => Interlocked.Increment(ref submitted) <= 2
                ? run.Say("first").Finish(RequestOutcome.CompletedStop)
                : ScriptedRun.Accept();
            id = await first.SubmitAsync(StoreHost.Lines(5), window: "1h");
            await first.UntilAsync(
                id,
                b => b.GetProperty("request_counts").GetProperty("completed").GetInt32() == 2,
                () => time.Advance(TimeSpan.FromSeconds(1)));
        }

        if (end == "expired")
        {
            time.Advance(TimeSpan.FromHours(2));
        }
        else
        {
            Assert.NotNull(new BatchStore(new GatewayDatabase(new DataFolder(_folder)), time).Cancel(id, ""));
        }

        await using StoreHost second = await StoreHost.StartAsync(_folder, time: time);
        JsonElement batch = await second.EndAsync(id, end, () => time.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal(0, second.Backend.Submits);
        IReadOnlyList<JsonElement> done = await second.ResultsAsync(batch);
        IReadOnlyList<JsonElement> rest = await second.ResultsAsync(batch, "error_file_id");
        Assert.Equal((2, 3), (done.Count, rest.Count));
        Assert.Equal(5, StoreHost.IdsOf([.. done, .. rest]).Distinct().Count());
    }

    [Fact]
    public async Task A_gateway_that_stood_still_for_too_long_loses_its_batches_and_changes_nothing_when_it_goes_on()
    {
        ManualTime still = new();
        ManualTime moving = new();
        await using StoreHost first = await StoreHost.StartAsync(_folder, time: still);
        first.Backend.OnSubmit = _ => ScriptedRun.Accept();
        string id = await first.SubmitAsync(StoreHost.Lines(3));
        ScriptedRun[] held = [await first.Backend.NextAsync(), await first.Backend.NextAsync(), await first.Backend.NextAsync()];

        await using StoreHost second = await StoreHost.StartAsync(_folder, time: moving);
        second.Backend.OnSubmit = run => run.Say("second").Finish(RequestOutcome.CompletedStop);
        moving.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("in_progress", StoreHost.StatusOf(await second.GetAsync("/v1/batches/" + id)));
        Assert.Equal(0, second.Backend.Submits);
        moving.Advance(TimeSpan.FromSeconds(30));
        JsonElement batch = await second.EndAsync(id, "completed", () => moving.Advance(TimeSpan.FromSeconds(1)));

        foreach (ScriptedRun run in held)
        {
            run.Say("first").Finish(RequestOutcome.CompletedStop);
        }

        // It has ended its run, and works on the next batch.
        await first.EndAsync(await first.SubmitAsync(StoreHost.Lines(1)), "completed", () =>
        {
            still.Advance(TimeSpan.FromSeconds(1));
            foreach (ScriptedRun run in first.Backend.Runs.Where(r => !held.Contains(r)))
            {
                run.Say("x").Finish(RequestOutcome.CompletedStop);
            }
        });
        JsonElement after = await second.GetAsync("/v1/batches/" + id);
        Assert.Equal(batch.GetRawText(), after.GetRawText());
        IReadOnlyList<JsonElement> lines = await second.ResultsAsync(after);
        Assert.Equal(["id-0", "id-1", "id-2"], StoreHost.IdsOf(lines));
        Assert.All(lines, l => Assert.Contains("second", l.GetRawText(), StringComparison.Ordinal));
    }
}
