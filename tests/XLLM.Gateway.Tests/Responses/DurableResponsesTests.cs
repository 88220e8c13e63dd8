using System.Net;
using System.Text.Json;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Responses;
using XLLM.Gateway.Storage;
using XLLM.Gateway.Tests.Harness;
using XLLM.Testing;

namespace XLLM.Gateway.Tests.Responses;

/// <summary>Stored responses that outlive the process.</summary>
public sealed class DurableResponsesTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"xllm-responses-{Guid.NewGuid():N}");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_conversation_goes_on_after_a_restart()
    {
        string first;
        await using (StoreHost host = await StoreHost.StartAsync(_folder))
        {
            first = IdOf(await host.Gateway.AskAsync("/v1/responses", new { input = "One" }));
        }

        await using StoreHost next = await StoreHost.StartAsync(_folder);
        Assert.Equal("completed", (await next.GetAsync("/v1/responses/" + first)).GetProperty("status").GetString());
        await next.Gateway.AskAsync("/v1/responses", new { input = "Two", previous_response_id = first });
        Assert.Contains(
            "[user]One[assistant]Hello, world![user]Two", next.Backend.Runs.Single().PromptText, StringComparison.Ordinal);
        JsonElement items = await next.GetAsync($"/v1/responses/{first}/input_items");
        Assert.Equal("One", items.GetProperty("data")[0].GetProperty("content")[0].GetProperty("text").GetString());
        await next.AskAsync(HttpMethod.Delete, "/v1/responses/" + first);
        await next.GetAsync("/v1/responses/" + first, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_background_response_of_a_process_that_died_is_failed_with_the_reason()
    {
        string id;
        ManualTime time = new();
        await using (StoreHost host = await StoreHost.StartAsync(_folder))
        {
            host.Backend.OnSubmit = _ => ScriptedRun.Accept();
            id = IdOf(await host.Gateway.AskAsync("/v1/responses", new { input = "One", background = true }));
            await host.Backend.NextAsync();
            await using StoreHost other = await StoreHost.StartAsync(_folder, time: time);
            Assert.Contains(
                (await other.GetAsync("/v1/responses/" + id)).GetProperty("status").GetString(),
                (string[])["queued", "in_progress"]);
            // As a process that was killed: its lock is gone, and nothing else was done.
            string presence = Directory.GetFiles(Path.Combine(_folder, "gateways")).OrderBy(File.GetCreationTimeUtc).First();
            File.Delete(presence);
            JsonElement failed = await other.GetAsync("/v1/responses/" + id);
            Assert.Equal("failed", failed.GetProperty("status").GetString());
            string? why = failed.GetProperty("error").GetProperty("message").GetString();
            Assert.Contains("stopped before it was finished", why, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_background_response_is_cancelled_through_another_gateway()
    {
        await using StoreHost host = await StoreHost.StartAsync(_folder);
        await using StoreHost other = await StoreHost.StartAsync(_folder);
        host.Backend.OnSubmit = _ => ScriptedRun.Accept();
        string id = IdOf(await host.Gateway.AskAsync("/v1/responses", new { input = "One", background = true }));
        ScriptedRun run = await host.Backend.NextAsync();
        await other.AskAsync(HttpMethod.Post, $"/v1/responses/{id}/cancel");
        await run.Ended.Task.WaitAsync(TestTime.Limit);
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(10));
        using CancellationTokenSource limit = new(TestTime.Limit);
        while ((await other.GetAsync("/v1/responses/" + id)).GetProperty("status").GetString() != "cancelled")
        {
            await tick.WaitForNextTickAsync(limit.Token);
        }
    }

    [Fact]
    public void Responses_expire_and_the_oldest_of_a_key_make_room()
    {
        ManualTime time = new();
        GatewayOptions options = new() { DataFolder = _folder, MaxKeyResponseBytes = 5000 };
        using GatewayStorage storage = new(options, time);
        DurableResponseStore store = new(storage, options, time);
        for (int i = 0; i < 4; i++)
        {
            store.Put(Response($"resp_{i}", "a", 1500));
        }

        store.Put(Response("resp_b", "b", 1500));
        Assert.Equal(
            [false, true, true, true, true],
            ((string[])["resp_0", "resp_1", "resp_2", "resp_3", "resp_b"]).Select(id => store.Find(id) is not null));
        time.Advance(TimeSpan.FromDays(30) - TimeSpan.FromSeconds(1));
        Assert.NotNull(store.Find("resp_3"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(store.Find("resp_3"));
        store.Sweep();
        Assert.False(store.Remove("resp_3"));
    }

    private static StoredResponse Response(string id, string owner, int size) => new()
    {
        Id = id, Owner = owner, Json = $$"""{"text":"{{new string('x', size)}}"}""", Input = [], Transcript = ["{}"],
    };

    private static string IdOf(JsonElement response) => response.GetProperty("id").GetString()!;
}
