using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.OpenAi;

public sealed class LogprobTests
{
    private static readonly object[] Hello = [new { role = "user", content = "Hi" }];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Chat_logprobs_have_token_bytes_and_best_tokens(bool stream)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run => run.Say("a\u20ac").Finish(RequestOutcome.CompletedStop);
        object body = new { messages = Hello, logprobs = true, top_logprobs = 2, stream };
        JsonElement[] tokens = stream
            ? [.. (await host.StreamAsync("/v1/chat/completions", body)).Choices.SelectMany(ContentOf)]
            : [.. ContentOf((await host.AskAsync("/v1/chat/completions", body)).GetProperty("choices")[0])];

        Assert.Equal(4, tokens.Length);
        Assert.Equal("a", tokens[0].GetProperty("token").GetString());
        Assert.Equal(-0.97, tokens[0].GetProperty("logprob").GetDouble(), 5);
        Assert.Equal(["a", "b"], tokens[0].GetProperty("top_logprobs").EnumerateArray().Select(t => t.GetProperty("token").GetString()));
        byte[] bytes = [.. tokens.SelectMany(t => t.GetProperty("bytes").EnumerateArray()).Select(b => b.GetByte())];
        Assert.Equal("a\u20ac", Encoding.UTF8.GetString(bytes));
        Assert.Equal(@"bytes:\xe2", tokens[1].GetProperty("token").GetString());
    }

    [Fact]
    public async Task Without_logprobs_the_field_is_null()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        JsonElement answer = await host.AskAsync("/v1/chat/completions", new { messages = Hello });
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("choices")[0].GetProperty("logprobs").ValueKind);
        Assert.Same(LogprobOptions.None, host.Backend.Runs.Single().Request.Logprobs);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Completion_logprobs_are_parallel_arrays_with_offsets_that_go_on(bool stream)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run => run.Say("abc").Finish(RequestOutcome.CompletedStop);
        object body = new { prompt = "x", logprobs = 2, stream };
        JsonElement[] parts = stream
            ? [.. (await host.StreamAsync("/v1/completions", body)).Choices.Select(c => c.GetProperty("logprobs"))]
            : [(await host.AskAsync("/v1/completions", body)).GetProperty("choices")[0].GetProperty("logprobs")];
        parts = [.. parts.Where(p => p.ValueKind == JsonValueKind.Object)];

        Assert.Equal(["a", "b", "c"], All(parts, "tokens").Select(t => t.GetString()));
        Assert.Equal([0, 1, 2], All(parts, "text_offset").Select(t => t.GetInt32()));
        Assert.Equal([-0.97f, -0.98f, -0.99f], All(parts, "token_logprobs").Select(t => t.GetSingle()));
        JsonElement best = All(parts, "top_logprobs")[0];
        Assert.Equal(["a", "b"], best.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task The_chosen_token_is_among_the_best_also_when_it_is_not_one_of_them()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run => run
            .Push([new GeneratedToken('z') { Logprob = -5, Top = [new TokenLogprob('a', -1), new TokenLogprob('b', -2)] }])
            .Finish(RequestOutcome.CompletedStop);
        JsonElement answer = await host.AskAsync("/v1/completions", new { prompt = "x", logprobs = 2 });
        JsonElement best = answer.GetProperty("choices")[0].GetProperty("logprobs").GetProperty("top_logprobs")[0];
        Assert.Equal(["a", "b", "z"], best.EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task A_probability_of_zero_is_a_number_in_JSON()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run => run
            .Push([new GeneratedToken('z') { Logprob = float.NegativeInfinity, Top = [new TokenLogprob('a', float.NaN)] }])
            .Finish(RequestOutcome.CompletedStop);
        JsonElement answer = await host.AskAsync("/v1/completions", new { prompt = "x", logprobs = 1 });
        JsonElement logprobs = answer.GetProperty("choices")[0].GetProperty("logprobs");
        Assert.Equal(-9999, logprobs.GetProperty("token_logprobs")[0].GetDouble());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Echo_with_logprobs_gives_those_of_the_prompt_first(bool stream)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run => run.EchoPrompt().Say("cd").Finish(RequestOutcome.CompletedStop);
        object body = new { prompt = "ab", add_special_tokens = false, echo = true, logprobs = 1, stream };
        string text;
        JsonElement[] parts;
        if (stream)
        {
            SseEvents events = await host.StreamAsync("/v1/completions", body);
            text = events.CompletionText();
            parts = [.. events.Choices.Select(c => c.GetProperty("logprobs")).Where(p => p.ValueKind == JsonValueKind.Object)];
        }
        else
        {
            JsonElement choice = (await host.AskAsync("/v1/completions", body)).GetProperty("choices")[0];
            text = choice.GetProperty("text").GetString()!;
            parts = [choice.GetProperty("logprobs")];
        }

        Assert.Equal("abcd", text);
        Assert.Equal(["a", "b", "c", "d"], All(parts, "tokens").Select(t => t.GetString()));
        Assert.Equal(JsonValueKind.Null, All(parts, "token_logprobs")[0].ValueKind);
        Assert.Equal(-0.98, All(parts, "token_logprobs")[1].GetDouble(), 5);
        Assert.Equal([0, 1, 2, 3], All(parts, "text_offset").Select(t => t.GetInt32()));
        InferenceRequest request = host.Backend.Runs.Single().Request;
        Assert.True(request.Logprobs.Prompt);
        Assert.Empty(request.BlockHashes);
    }

    private static IEnumerable<JsonElement> ContentOf(JsonElement choice) =>
        choice.GetProperty("logprobs") is { ValueKind: JsonValueKind.Object } logprobs ? logprobs.GetProperty("content").EnumerateArray() : [];

    private static ImmutableArray<JsonElement> All(JsonElement[] parts, string name) =>
        [.. parts.SelectMany(p => p.GetProperty(name).EnumerateArray())];
}
