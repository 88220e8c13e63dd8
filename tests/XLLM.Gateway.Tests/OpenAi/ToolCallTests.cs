using System.ClientModel;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Tests.Harness;
using XLLM.Text.Answers;
using XLLM.Text.Reasoning;
using XLLM.Text.ToolCalls;

namespace XLLM.Gateway.Tests.OpenAi;

/// <summary>Tool calls and thoughts of a chat, in events and whole, by hand and with the official SDK.</summary>
public sealed class ToolCallTests
{
    private const string Path = "/v1/chat/completions";
    private const string Call = "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"K\u00f6ln\"}}\n</tool_call>";

    private static readonly AnswerFormat Format = new(new ReasoningFormat("<think>", "</think>"), ToolCallFormat.Hermes);
    private static readonly object[] Ask = [new { role = "user", content = "Weather?" }];
    private static readonly object[] Tools =
        [new { type = "function", function = new { name = "get_weather", parameters = new { type = "object" } } }];

    [Fact]
    public async Task A_whole_answer_has_thoughts_calls_and_their_finish_reason()
    {
        await using GatewayHost host = await StartAsync($"<think>\nHm.\n</think>\n\n{Call}\n{Call}");
        JsonElement answer = await host.AskAsync(Path, new { messages = Ask, tools = Tools });
        JsonElement choice = answer.GetProperty("choices")[0];
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        JsonElement message = choice.GetProperty("message");
        Assert.Equal(JsonValueKind.Null, message.GetProperty("content").ValueKind);
        Assert.Equal("Hm.", message.GetProperty("reasoning_content").GetString());
        JsonElement[] calls = [.. message.GetProperty("tool_calls").EnumerateArray()];
        Assert.Equal(2, calls.Length);
        Assert.Equal("get_weather", calls[1].GetProperty("function").GetProperty("name").GetString());
        Assert.Equal("{\"city\": \"K\u00f6ln\"}", calls[1].GetProperty("function").GetProperty("arguments").GetString());
        Assert.NotEqual(calls[0].GetProperty("id").GetString(), calls[1].GetProperty("id").GetString());
        Assert.Contains("[tools]", host.Backend.Runs.Single().PromptText);
    }

    [Fact]
    public async Task A_stream_has_thoughts_then_text_then_the_calls_name_and_its_arguments_in_pieces()
    {
        await using GatewayHost host = await StartAsync($"<think>Hm.</think>I look.{Call}");
        SseEvents stream = await host.StreamAsync(Path, new { messages = Ask, tools = Tools, stream = true });
        JsonElement[] deltas = [.. stream.Choices.Select(c => c.GetProperty("delta"))];
        Assert.Equal("Hm.", string.Concat(deltas.Select(d => Text(d, "reasoning_content"))));
        Assert.Equal("I look.", stream.ChatText());
        JsonElement[] calls = [.. deltas.Where(d => d.TryGetProperty("tool_calls", out _)).Select(d => d.GetProperty("tool_calls")[0])];
        Assert.Equal("get_weather", calls[0].GetProperty("function").GetProperty("name").GetString());
        Assert.StartsWith("call_", calls[0].GetProperty("id").GetString());
        Assert.All(calls, c => Assert.Equal(0, c.GetProperty("index").GetInt32()));
        Assert.All(calls.Skip(1), c => Assert.False(c.TryGetProperty("id", out _)));
        Assert.True(calls.Length > 10);
        Assert.Equal("{\"city\": \"K\u00f6ln\"}", string.Concat(calls.Select(c => c.GetProperty("function").GetProperty("arguments").GetString())));
        Assert.Equal("tool_calls", stream.FinishReason());
    }

    [Fact]
    public async Task What_is_no_call_of_an_offered_tool_stays_text()
    {
        const string Other = "<tool_call>{\"name\": \"rm\", \"arguments\": {}}</tool_call>";
        await using GatewayHost host = await StartAsync(Other);
        JsonElement choice = (await host.AskAsync(Path, new { messages = Ask, tools = Tools })).GetProperty("choices")[0];
        Assert.Equal(Other, choice.GetProperty("message").GetProperty("content").GetString());
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
    }

    [Fact]
    public async Task With_tool_choice_none_tools_are_not_offered_and_calls_stay_text()
    {
        await using GatewayHost host = await StartAsync(Call);
        JsonElement choice = (await host.AskAsync(Path, new { messages = Ask, tools = Tools, tool_choice = "none" })).GetProperty("choices")[0];
        Assert.Equal(Call, choice.GetProperty("message").GetProperty("content").GetString());
        Assert.DoesNotContain("[tools]", host.Backend.Runs.Single().PromptText);
    }

    [Fact]
    public async Task Without_parallel_calls_the_answer_ends_at_the_second()
    {
        await using GatewayHost host = await StartAsync("");
        host.Backend.OnSubmit = run => run.Say(Call + Call + "never read") is not null ? ScriptedRun.Accept() : null!;
        JsonElement choice = (await host.AskAsync(Path, new { messages = Ask, tools = Tools, parallel_tool_calls = false })).GetProperty("choices")[0];
        Assert.Equal(1, choice.GetProperty("message").GetProperty("tool_calls").GetArrayLength());
        Assert.Equal("tool_calls", choice.GetProperty("finish_reason").GetString());
        Assert.Equal(RequestOutcome.CompletedStop, await host.Backend.Runs.Single().Ended.Task.WaitAsync(TestTime.Limit));
    }

    [Fact]
    public async Task A_call_cut_off_by_the_token_limit_says_length()
    {
        await using GatewayHost host = await StartAsync("");
        host.Backend.OnSubmit = run => run.Say(Call).Finish(RequestOutcome.CompletedLength);
        JsonElement choice = (await host.AskAsync(Path, new { messages = Ask, tools = Tools, max_tokens = 60 })).GetProperty("choices")[0];
        Assert.Equal("length", choice.GetProperty("finish_reason").GetString());
        Assert.StartsWith("{\"city", choice.GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("arguments").GetString());
    }

    [Fact]
    public async Task The_SDK_calls_a_tool_and_tells_its_result()
    {
        await using GatewayHost host = await StartAsync(Call);
        ChatClient chat = ClientOf(host);
        var options = new ChatCompletionOptions
        {
            Tools = { ChatTool.CreateFunctionTool("get_weather", "Weather of a city.", BinaryData.FromString("""{"type":"object"}""")) },
            ToolChoice = ChatToolChoice.CreateAutoChoice(),
        };
        ChatCompletion first = await chat.CompleteChatAsync([new UserChatMessage("Weather?")], options);
        Assert.Equal(ChatFinishReason.ToolCalls, first.FinishReason);
        ChatToolCall call = Assert.Single(first.ToolCalls);
        host.Backend.OnSubmit = run => run.Say("7 degrees").Finish(RequestOutcome.CompletedStop);
        ChatCompletion second = await chat.CompleteChatAsync(
            [new UserChatMessage("Weather?"), new AssistantChatMessage(first), new ToolChatMessage(call.Id, "7")], options);
        Assert.Equal("7 degrees", second.Content[0].Text);
        string prompt = host.Backend.Runs.Last(r => r.PromptText.Contains("[tool]", StringComparison.Ordinal)).PromptText;
        Assert.Contains($"[tool]7(of {call.Id})", prompt);
    }

    [Fact]
    public async Task The_SDK_collects_a_streamed_call()
    {
        await using GatewayHost host = await StartAsync($"<think>x</think>{Call}\n{Call}");
        var options = new ChatCompletionOptions
        {
            Tools = { ChatTool.CreateFunctionTool("get_weather", null, BinaryData.FromString("""{"type":"object"}""")) },
        };
        var arguments = new SortedDictionary<int, string>();
        var names = new List<string>();
        ChatFinishReason? reason = null;
        await foreach (StreamingChatCompletionUpdate update in ClientOf(host).CompleteChatStreamingAsync([new UserChatMessage("?")], options))
        {
            foreach (StreamingChatToolCallUpdate call in update.ToolCallUpdates)
            {
                names.AddRange(call.FunctionName is { } name ? [name] : []);
                arguments[call.Index] = arguments.GetValueOrDefault(call.Index, "") + call.FunctionArgumentsUpdate;
            }

            reason = update.FinishReason ?? reason;
        }

        Assert.Equal(["get_weather", "get_weather"], names);
        Assert.All(arguments.Values, a => Assert.Equal("{\"city\": \"K\u00f6ln\"}", a));
        Assert.Equal(ChatFinishReason.ToolCalls, reason);
    }

    private static async Task<GatewayHost> StartAsync(string answer)
    {
        GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Format = Format;
        host.Backend.OnSubmit = run => run.Say(answer).Finish(RequestOutcome.CompletedStop);
        return host;
    }

    private static string? Text(JsonElement delta, string name) => delta.TryGetProperty(name, out JsonElement text) ? text.GetString() : "";

    private static ChatClient ClientOf(GatewayHost host) => new OpenAIClient(
        new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(host.Address, "/v1") }).GetChatClient("toy");
}
