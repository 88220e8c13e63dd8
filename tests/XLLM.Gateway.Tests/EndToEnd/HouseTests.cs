using System.ClientModel;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.EndToEnd;

/// <summary>Journeys through the whole house with the demo model: HTTP to kernels and back.</summary>
public sealed class HouseTests(HouseFixture house) : IClassFixture<HouseFixture>
{
    private const string Chat = "/v1/chat/completions";
    private static readonly object[] France = [new { role = "user", content = "What is the capital of France?" }];

    [Fact]
    public async Task A_streamed_chat_is_answered_by_the_model()
    {
        SseEvents stream = await StreamAsync(
            new { model = HouseFixture.Model, messages = France, temperature = 0, stream = true, stream_options = new { include_usage = true } });
        Assert.True(stream.Done);
        Assert.Contains("Paris", stream.ChatText());
        Assert.Equal("stop", stream.FinishReason());
        Assert.True(stream.Events[^1].GetProperty("usage").GetProperty("completion_tokens").GetInt32() > 2);
        await house.AssertIdleAndSoundAsync();
    }

    [Fact]
    public async Task The_official_SDK_chats_with_it()
    {
        ChatClient chat = new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(house.Address, "/v1") })
            .GetChatClient(HouseFixture.Model);
        ChatCompletion answer = await chat.CompleteChatAsync(
            [new UserChatMessage("What is the capital of France?")], new ChatCompletionOptions { Temperature = 0 });
        Assert.Contains("Paris", answer.Content[0].Text);
        string streamed = "";
        await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync(
            [new UserChatMessage("What is the capital of France?")], new ChatCompletionOptions { Temperature = 0 }))
        {
            streamed += string.Concat(update.ContentUpdate.Select(c => c.Text));
        }

        Assert.Equal(answer.Content[0].Text, streamed);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_text_and_the_first_of_three_is_the_one_alone()
    {
        JsonElement alone = await AskAsync(Chat, new { messages = France, temperature = 1.5, seed = 11, max_tokens = 24 });
        JsonElement three = await AskAsync(Chat, new { messages = France, temperature = 1.5, seed = 11, max_tokens = 24, n = 3 });
        Assert.Equal(TextOf(alone, 0), TextOf(three, 0));
        Assert.Equal(3, three.GetProperty("choices").GetArrayLength());
    }

    [Fact]
    public async Task Logprobs_are_of_the_tokens_and_greedy_takes_the_best()
    {
        JsonElement answer = await AskAsync(Chat, new { messages = France, temperature = 0, logprobs = true, top_logprobs = 2 });
        JsonElement choice = answer.GetProperty("choices")[0];
        JsonElement[] tokens = [.. choice.GetProperty("logprobs").GetProperty("content").EnumerateArray()];
        Assert.Equal(TextOf(answer, 0), string.Concat(tokens.Select(t => t.GetProperty("token").GetString())));
        Assert.All(tokens, t => Assert.Equal(
            t.GetProperty("logprob").GetDouble(), t.GetProperty("top_logprobs")[0].GetProperty("logprob").GetDouble()));
    }

    [Fact]
    public async Task A_stop_string_ends_the_text_and_frees_the_request()
    {
        JsonElement answer = await AskAsync(Chat, new { messages = France, temperature = 0, stop = "Par" });
        Assert.DoesNotContain("Par", TextOf(answer, 0));
        Assert.Equal("stop", answer.GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        await house.AssertIdleAndSoundAsync();
    }

    [Fact]
    public async Task Echo_with_logprobs_scores_the_prompt()
    {
        JsonElement answer = await AskAsync("/v1/completions", new { prompt = "The capital of France is Paris.", echo = true, logprobs = 1, max_tokens = 0 });
        JsonElement choice = answer.GetProperty("choices")[0];
        Assert.Equal("The capital of France is Paris.", choice.GetProperty("text").GetString());
        JsonElement logprobs = choice.GetProperty("logprobs");
        int count = answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32();
        Assert.Equal(count, logprobs.GetProperty("tokens").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, logprobs.GetProperty("token_logprobs")[0].ValueKind);
        Assert.All(logprobs.GetProperty("token_logprobs").EnumerateArray().Skip(1), l => Assert.InRange(l.GetDouble(), -100, 0));
    }

    [Fact]
    public async Task A_prompt_that_came_before_is_read_from_the_prefix_cache()
    {
        object body = new { messages = new[] { new { role = "user", content = string.Join(' ', Enumerable.Range(1, 60)) } }, max_tokens = 4, temperature = 0 };
        JsonElement first = await AskAsync(Chat, body);
        JsonElement second = await AskAsync(Chat, body);
        Assert.Equal(TextOf(first, 0), TextOf(second, 0));
        Assert.True(second.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32() >= 16);
    }

    [Fact]
    public async Task A_client_that_leaves_frees_its_blocks()
    {
        using var leave = new CancellationTokenSource();
        using HttpResponseMessage response = await house.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, Chat)
            {
                Content = JsonContent.Create(new { messages = France, ignore_eos = true, max_tokens = 6000, stream = true }),
            },
            HttpCompletionOption.ResponseHeadersRead,
            leave.Token);
        await using Stream body = await response.Content.ReadAsStreamAsync();
        Assert.True(await body.ReadAsync(new byte[1]) > 0);
        await leave.CancelAsync();
        response.Dispose();
        await house.AssertIdleAndSoundAsync();
    }

    [Fact]
    public async Task Tokenize_counts_what_a_chat_uses()
    {
        JsonElement tokens = await AskAsync("/tokenize", new { messages = France });
        JsonElement answer = await AskAsync(Chat, new { messages = France, max_tokens = 1 });
        Assert.Equal(tokens.GetProperty("count").GetInt32(), answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
    }

    [Fact]
    public async Task A_message_the_template_refuses_is_the_callers_fault()
    {
        using HttpResponseMessage response = await house.Client.PostAsJsonAsync(
            Chat, new { messages = France, chat_template_kwargs = new { tools = 5 } });
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task The_house_is_ready_and_its_metrics_know_the_model()
    {
        await AskAsync(Chat, new { messages = France, max_tokens = 2 });
        using HttpResponseMessage ready = await house.Client.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        string page = await house.Client.GetStringAsync("/metrics");
        Assert.Contains("xllm:kv_cache_usage_perc{model_name=\"demo\",engine=\"house/cpu0\"}", page);
        Assert.Contains("xllm:time_to_first_token_seconds_count{model_name=\"demo\"}", page);
    }

    [Fact]
    public async Task Embeddings_come_from_the_model_the_same_in_any_batch()
    {
        string[] texts = ["What is the capital of France?", "The capital of France is Paris.", "3 + 4 = 7"];
        JsonElement together = await AskAsync("/v1/embeddings", new { model = HouseFixture.Model, input = texts });
        float[][] vectors = [.. together.GetProperty("data").EnumerateArray().Select(VectorOf)];
        for (int i = 0; i < texts.Length; i++)
        {
            JsonElement alone = await AskAsync("/v1/embeddings", new { input = texts[i], encoding_format = "float" });
            Assert.Equal(vectors[i], VectorOf(alone.GetProperty("data")[0]));
            Assert.Equal(1, vectors[i].Sum(v => (double)v * v), 1e-5);
        }

        JsonElement ranked = await AskAsync("/v1/rerank", new { query = texts[0], documents = texts });
        Assert.Equal(0, ranked.GetProperty("results")[0].GetProperty("index").GetInt32());
        Assert.Equal(1, ranked.GetProperty("results")[0].GetProperty("relevance_score").GetDouble(), 1e-5);
        await house.AssertIdleAndSoundAsync();
    }

    private static float[] VectorOf(JsonElement item) =>
        [.. item.GetProperty("embedding").EnumerateArray().Select(v => v.GetSingle())];

    private static string TextOf(JsonElement answer, int index) =>
        answer.GetProperty("choices")[index].GetProperty("message").GetProperty("content").GetString()!;

    private async Task<JsonElement> AskAsync(string path, object body)
    {
        using HttpResponseMessage response = await house.Client.PostAsJsonAsync(path, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}\n{Errors()}");
        return JsonDocument.Parse(text).RootElement.Clone();
    }

    private async Task<SseEvents> StreamAsync(object body)
    {
        using HttpResponseMessage response = await house.Client.PostAsJsonAsync(Chat, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}\n{Errors()}");
        return SseEvents.Parse(text);
    }

    private string Errors() => string.Join('\n', house.Logs.Lines.Where(l => l.Level >= Microsoft.Extensions.Logging.LogLevel.Warning).Select(l => l.Line));
}
