using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.OpenAi;

public sealed class ChatStreamTests
{
    private const string Chat = "/v1/chat/completions";
    private static readonly object[] Hello = [new { role = "user", content = "Hi" }];

    [Fact]
    public async Task A_stream_has_a_role_then_text_then_a_finish_reason_then_DONE()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        SseEvents stream = await host.StreamAsync(Chat, new { model = "toy", messages = Hello, stream = true });

        Assert.True(stream.Done);
        JsonElement[] choices = [.. stream.Choices];
        Assert.Equal("assistant", choices[0].GetProperty("delta").GetProperty("role").GetString());
        Assert.Equal("Hello, world!", stream.ChatText());
        Assert.Equal("stop", stream.FinishReason());
        Assert.All(stream.Events, e => Assert.Equal("chat.completion.chunk", e.GetProperty("object").GetString()));
        Assert.Single(stream.Events.Select(e => e.GetProperty("id").GetString()).Distinct());
        Assert.Equal("[user]Hi[assistant]", host.Backend.Runs.Single().PromptText);
        host.AssertNothingLeft();
    }

    [Fact]
    public async Task Include_usage_adds_a_last_event_without_choices()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run =>
        {
            run.CachedTokens = 16;
            return run.Say("abc").Finish(RequestOutcome.CompletedLength);
        };
        SseEvents stream = await host.StreamAsync(
            Chat, new { model = "toy", messages = Hello, stream = true, stream_options = new { include_usage = true } });

        JsonElement last = stream.Events[^1];
        Assert.Equal(0, last.GetProperty("choices").GetArrayLength());
        JsonElement usage = last.GetProperty("usage");
        Assert.Equal(19, usage.GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(3, usage.GetProperty("completion_tokens").GetInt32());
        Assert.Equal(22, usage.GetProperty("total_tokens").GetInt32());
        Assert.Equal(16, usage.GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32());
        Assert.All(stream.Events.SkipLast(1), e => Assert.Equal(JsonValueKind.Null, e.GetProperty("usage").ValueKind));
        Assert.Equal("length", stream.FinishReason());
    }

    [Fact]
    public async Task Continuous_usage_grows_with_every_event()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        SseEvents stream = await host.StreamAsync(
            Chat,
            new { messages = Hello, stream = true, stream_options = new { include_usage = true, continuous_usage_stats = true } });

        int[] counts = [.. stream.Events.Select(e => e.GetProperty("usage").GetProperty("completion_tokens").GetInt32())];
        Assert.Equal(counts.Order(), counts);
        Assert.Equal(13, counts[^1]);
    }

    [Fact]
    public async Task Three_choices_share_one_stream_and_have_different_seeds()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        int submits = 0;
        host.Backend.OnSubmit = run => run.Say($"choice {Interlocked.Increment(ref submits)}").Finish(RequestOutcome.CompletedStop);
        SseEvents stream = await host.StreamAsync(Chat, new { messages = Hello, stream = true, n = 3, seed = 42 });

        string[] texts = [.. Enumerable.Range(0, 3).Select(stream.ChatText)];
        Assert.Equal(["choice 1", "choice 2", "choice 3"], texts.Order());
        Assert.All(Enumerable.Range(0, 3), i => Assert.Equal("stop", stream.FinishReason(i)));
        ulong[] seeds = [.. host.Backend.Runs.Select(r => r.Request.Sampling.Seed)];
        Assert.Equal(3, seeds.Distinct().Count());
        Assert.Contains(42UL, seeds);
    }

    [Fact]
    public async Task A_character_of_several_tokens_comes_whole()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run => run.Say("a\u20ac\U0001F600z").Finish(RequestOutcome.CompletedStop);
        SseEvents stream = await host.StreamAsync(Chat, new { messages = Hello, stream = true });
        Assert.Equal("a\u20ac\U0001F600z", stream.ChatText());
    }
}
