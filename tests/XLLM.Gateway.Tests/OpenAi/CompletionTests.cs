using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.OpenAi;

public sealed class CompletionTests
{
    private const string Completions = "/v1/completions";

    [Fact]
    public async Task A_text_prompt_gets_the_tokenizers_special_tokens_and_sixteen_tokens_at_most()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        JsonElement answer = await host.AskAsync(Completions, new { model = "toy", prompt = "Say" });
        InferenceRequest request = host.Backend.Runs.Single().Request;
        Assert.Equal([ToyCodec.Begin, 'S', 'a', 'y'], request.PromptTokens.ToArray());
        Assert.Equal(16, request.Stop.MaxTokens);
        Assert.Equal([ToyCodec.End], request.Stop.StopTokenIds.ToArray());
        Assert.Equal("text_completion", answer.GetProperty("object").GetString());
        Assert.Equal("Hello, world!", answer.GetProperty("choices")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Token_prompts_are_taken_as_they_are()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        await host.AskAsync(Completions, new { prompt = new[] { 1, 2, 3 } });
        Assert.Equal([1, 2, 3], host.Backend.Runs.Single().Request.PromptTokens.ToArray());
    }

    [Fact]
    public async Task Several_prompts_times_n_are_answered_in_order_and_each_prompt_counts_once()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = run => run.Say(run.PromptText + "!").Finish(RequestOutcome.CompletedStop);
        JsonElement answer = await host.AskAsync(
            Completions, new { prompt = new object[] { new[] { 'a' + 0, 'b' }, new[] { 'c' + 0 } }, n = 2 });
        string[] texts = [.. answer.GetProperty("choices").EnumerateArray().Select(c => c.GetProperty("text").GetString()!)];
        Assert.Equal(["ab!", "ab!", "c!", "c!"], texts);
        Assert.Equal([0, 1, 2, 3], answer.GetProperty("choices").EnumerateArray().Select(c => c.GetProperty("index").GetInt32()));
        Assert.Equal(3, answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(10, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
    }

    [Fact]
    public async Task Echo_puts_the_prompt_before_the_output()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        JsonElement answer = await host.AskAsync(Completions, new { prompt = "I say: ", echo = true });
        Assert.Equal("I say: Hello, world!", answer.GetProperty("choices")[0].GetProperty("text").GetString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Echo_of_a_prompt_without_output_runs_one_step_and_drops_its_token(bool stream)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        object body = new { prompt = "just this", echo = true, max_tokens = 0, stream };
        string? text = stream
            ? (await host.StreamAsync(Completions, body)).CompletionText()
            : (await host.AskAsync(Completions, body)).GetProperty("choices")[0].GetProperty("text").GetString();
        Assert.Equal("just this", text);
        Assert.Equal(1, host.Backend.Runs.Single().Request.Stop.MaxTokens);
    }

    [Fact]
    public async Task All_parameters_reach_the_engine()
    {
        await using GatewayHost host = await GatewayHost.StartAsync(o => o.QueueTimeout = TimeSpan.FromSeconds(30));
        await host.AskAsync(Completions, new
        {
            prompt = new string('p', 40),
            max_tokens = 99,
            min_tokens = 3,
            temperature = 0.5,
            top_p = 0.25,
            top_k = 7,
            min_p = 0.125,
            seed = -1,
            presence_penalty = 1.5,
            frequency_penalty = -1.5,
            repetition_penalty = 1.25,
            logit_bias = new Dictionary<string, double> { ["5"] = -100, ["6"] = 2.5 },
            stop_token_ids = new[] { 11, 12 },
            ignore_eos = true,
            cache_salt = "tenant",
            service_tier = "flex",
        });
        InferenceRequest request = host.Backend.Runs.Single().Request;
        SamplingOptions sampling = request.Sampling;
        Assert.Equal(
            (0.5f, 0.25f, 7, 0.125f, ulong.MaxValue, 1.5f, -1.5f, 1.25f),
            (sampling.Temperature, sampling.TopP, sampling.TopK, sampling.MinP, sampling.Seed, sampling.PresencePenalty,
                sampling.FrequencyPenalty, sampling.RepetitionPenalty));
        Assert.Equal([new TokenBias(5, -100), new TokenBias(6, 2.5f)], sampling.LogitBias.ToArray());
        Assert.Equal((99, 3), (request.Stop.MaxTokens, request.Stop.MinTokens));
        Assert.Equal([11, 12], request.Stop.StopTokenIds.ToArray());
        Assert.Equal("tenant", request.CacheSalt);
        Assert.Equal(RequestPriority.Offline, request.Priority);
        Assert.Equal(TimeSpan.FromSeconds(30), request.QueueDeadline - request.Arrival);
        Assert.Equal(2, request.BlockHashes.Length);
        Assert.Equal(
            new Scheduling.Blocks.BlockHasher(ToyFleet.BlockTokens).HashPrompt(request.PromptTokens.AsSpan(), "tenant").ToArray(),
            request.BlockHashes.ToArray());
    }

    [Fact]
    public async Task A_models_own_advice_holds_where_a_request_says_nothing()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Defaults = new() { Temperature = 0.7f, TopP = 0.9f, TopK = 20, RepetitionPenalty = 1.1f };
        await host.AskAsync(Completions, new { prompt = "a", temperature = 0 });
        SamplingOptions sampling = host.Backend.Runs.Single().Request.Sampling;
        Assert.Equal((0f, 0.9f, 20, 1.1f), (sampling.Temperature, sampling.TopP, sampling.TopK, sampling.RepetitionPenalty));
    }

    [Fact]
    public async Task Without_max_tokens_a_chat_may_fill_the_context()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        await host.AskAsync("/v1/chat/completions", new { messages = new[] { new { role = "user", content = "Hi" } } });
        InferenceRequest request = host.Backend.Runs.Single().Request;
        Assert.Equal(ToyFleet.ContextLength, request.PromptTokens.Length + request.Stop.MaxTokens);
    }

    [Fact]
    public async Task Tools_and_template_arguments_reach_the_template_and_parts_are_joined()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        await host.AskAsync("/v1/chat/completions", new
        {
            messages = new object[]
            {
                new { role = "developer", content = "Be brief." },
                new { role = "user", content = new object[] { new { type = "text", text = "a" }, new { type = "text", text = "b" } } },
            },
            tools = new[] { new { type = "function", function = new { name = "f" } } },
            chat_template_kwargs = new { enable_thinking = true },
        });
        Assert.Equal(
            "[tools][{\"type\":\"function\",\"function\":{\"name\":\"f\"}}][arguments]{\"enable_thinking\":true}"
            + "[developer]Be brief.[user]a\nb[assistant]",
            host.Backend.Runs.Single().PromptText);
    }

    [Fact]
    public async Task Tool_choice_none_hides_the_tools()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        await host.AskAsync("/v1/chat/completions", new
        {
            messages = new object[] { new { role = "user", content = "a" } },
            tools = new[] { new { type = "function", function = new { name = "f" } } },
            tool_choice = "none",
        });
        Assert.Equal("[user]a[assistant]", host.Backend.Runs.Single().PromptText);
    }
}
