using System.Text;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Tests.Harness;
using XLLM.Text.Answers;
using XLLM.Text.Reasoning;
using XLLM.Text.ToolCalls;

namespace XLLM.Gateway.Tests.Anthropic;

public sealed class MessagesTests
{
    private const string Path = "/v1/messages";
    private const string Call = "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1}}</tool_call>";
    private static readonly object[] Hello = [new { role = "user", content = "Hi" }];
    private static readonly object[] Tools = [new { name = "f", input_schema = new { type = "object" } }];

    [Theory]
    [InlineData("/v1/messages")]
    [InlineData("/v1/messages/count_tokens")]
    public async Task Messages_without_any_text_are_the_callers_fault(string path)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.PostAsync(
            path, """{"max_tokens":5,"messages":[{"role":"user","content":[{"type":"text","text":""}]}]}""");
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task A_message_has_its_blocks_its_stop_reason_and_its_usage()
    {
        await using GatewayHost host = await StartAsync($"<think>Hm.</think>Ok.{Call}");
        JsonElement answer = await host.AskAsync(Path, new { model = "toy", max_tokens = 200, messages = Hello, tools = Tools, system = "Be kind." });
        Assert.Equal("message", answer.GetProperty("type").GetString());
        Assert.Equal(["thinking", "text", "tool_use"], answer.GetProperty("content").EnumerateArray().Select(b => b.GetProperty("type").GetString()));
        Assert.Equal(1, answer.GetProperty("content")[2].GetProperty("input").GetProperty("a").GetInt32());
        Assert.Equal("tool_use", answer.GetProperty("stop_reason").GetString());
        string prompt = host.Backend.Runs.Single().PromptText;
        Assert.EndsWith("[system]Be kind.[user]Hi[assistant]", prompt);
        Assert.Equal(prompt.Length, answer.GetProperty("usage").GetProperty("input_tokens").GetInt32());
    }

    [Fact]
    public async Task Events_come_in_the_documented_order()
    {
        await using GatewayHost host = await StartAsync($"<think>Hm.</think>Ok.{Call}");
        (string Name, JsonElement Data)[] events = await StreamAsync(
            host, new { model = "toy", max_tokens = 200, messages = Hello, tools = Tools, stream = true });
        string[] names = [.. events.Select(e => e.Name).Where(n => n != "content_block_delta")];
        Assert.Equal(
            ["message_start", "ping", "content_block_start", "content_block_stop", "content_block_start", "content_block_stop",
                "content_block_start", "content_block_stop", "message_delta", "message_stop"],
            names);
        Assert.All(events, e => Assert.Equal(e.Name, e.Data.GetProperty("type").GetString()));
        Assert.Equal("Hm.", Deltas(events, 0, "thinking"));
        Assert.Equal("Ok.", Deltas(events, 1, "text"));
        Assert.Equal("{\"a\": 1}", Deltas(events, 2, "partial_json"));
        Assert.Equal("tool_use", events[^2].Data.GetProperty("delta").GetProperty("stop_reason").GetString());
        Assert.True(events[^2].Data.GetProperty("usage").GetProperty("output_tokens").GetInt32() > 20);
    }

    [Fact]
    public async Task Turns_of_tools_become_the_templates_turns()
    {
        await using GatewayHost host = await StartAsync("7");
        await host.AskAsync(Path, new
        {
            max_tokens = 5,
            tools = Tools,
            messages = new object[]
            {
                new { role = "user", content = "Hi" },
                new
                {
                    role = "assistant",
                    content = new object[]
                    {
                        new { type = "thinking", thinking = "Hm.", signature = "" },
                        new { type = "tool_use", id = "toolu_1", name = "f", input = new { a = 1 } },
                    },
                },
                new
                {
                    role = "user",
                    content = new object[]
                    {
                        new { type = "tool_result", tool_use_id = "toolu_1", content = new[] { new { type = "text", text = "7" } } },
                        new { type = "text", text = "And?" },
                    },
                },
            },
        });
        string prompt = host.Backend.Runs.Single().PromptText;
        Assert.Contains("[assistant](thought: Hm.)[{\"id\":\"toolu_1\"", prompt);
        Assert.EndsWith("[tool]7(of toolu_1)[user]And?[assistant]", prompt);
    }

    [Fact]
    public async Task A_stop_sequence_and_the_token_limit_are_told_apart()
    {
        await using GatewayHost host = await StartAsync("one ### two");
        JsonElement stopped = await host.AskAsync(Path, new { max_tokens = 50, messages = Hello, stop_sequences = new[] { "###" } });
        Assert.Equal("stop_sequence", stopped.GetProperty("stop_reason").GetString());
        Assert.Equal("###", stopped.GetProperty("stop_sequence").GetString());
        host.Backend.OnSubmit = run => run.Say("one two").Finish(RequestOutcome.CompletedLength);
        JsonElement cut = await host.AskAsync(Path, new { max_tokens = 3, messages = Hello });
        Assert.Equal("max_tokens", cut.GetProperty("stop_reason").GetString());
        Assert.Equal("one", cut.GetProperty("content")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task Tokens_are_counted_without_an_answer()
    {
        await using GatewayHost host = await StartAsync("");
        JsonElement count = await host.AskAsync("/v1/messages/count_tokens", new { model = "toy", messages = Hello });
        Assert.Equal("[user]Hi[assistant]".Length, count.GetProperty("input_tokens").GetInt32());
        Assert.Equal(0, host.Backend.Submits);
    }

    [Fact]
    public async Task An_error_midway_is_an_event_of_Anthropics_shape()
    {
        await using GatewayHost host = await StartAsync("");
        host.Backend.OnSubmit = run => run.Say("Hel").Finish(RequestOutcome.InstanceLost);
        (string Name, JsonElement Data)[] events = await StreamAsync(host, new { max_tokens = 9, messages = Hello, stream = true });
        Assert.Equal("error", events[^1].Name);
        Assert.Equal("overloaded_error", events[^1].Data.GetProperty("error").GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"Hi"}]}""", "max_tokens")]
    [InlineData("""{"max_tokens":5}""", "messages")]
    [InlineData("""{"max_tokens":5,"messages":[]}""", "messages")]
    [InlineData("""{"max_tokens":5,"messages":[{"role":"system","content":"Hi"}]}""", "messages[0].role")]
    [InlineData("""{"max_tokens":5,"messages":[{"role":"user","content":[]}]}""", "messages[0].content")]
    [InlineData("""{"max_tokens":5,"messages":[{"role":"user","content":[{"type":"image"}]}]}""", "messages[0].content[0]")]
    [InlineData("""{"max_tokens":5,"messages":[{"role":"user","content":[{"type":"tool_use","id":"a","name":"b","input":{}}]}]}""", "messages[0].content[0].type")]
    [InlineData("""{"max_tokens":0,"messages":[{"role":"user","content":"Hi"}]}""", "max_tokens")]
    [InlineData("""{"max_tokens":5,"messages":[{"role":"user","content":"Hi"}],"temperature":1.5}""", "temperature")]
    [InlineData("""{"max_tokens":5,"messages":[{"role":"user","content":"Hi"}],"stop_sequences":[""]}""", "stop_sequences[0]")]
    [InlineData("""{"max_tokens":5,"messages":[{"role":"user","content":"Hi"}],"tools":[{"name":"f"}]}""", "tools[0].input_schema")]
    [InlineData("""{"max_tokens":5,"messages":[{"role":"user","content":"Hi"}],"tool_choice":{"type":"any"}}""", "tool_choice")]
    [InlineData("""{"max_tokens":5,"messages":[{"role":"user","content":"Hi"}],"thinking":{"type":"enabled","budget_tokens":9}}""", "thinking.budget_tokens")]
    public async Task Wrong_requests_are_refused_in_Anthropics_shape_with_the_fields_path(string body, string path)
    {
        await using GatewayHost host = await StartAsync("");
        using HttpResponseMessage response = await host.PostAsync(Path, body);
        JsonElement answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("error", answer.GetProperty("type").GetString());
        Assert.Equal("invalid_request_error", answer.GetProperty("error").GetProperty("type").GetString());
        Assert.Contains($"'{path}'", answer.GetProperty("error").GetProperty("message").GetString());
    }

    private static async Task<GatewayHost> StartAsync(string answer)
    {
        GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Format = new AnswerFormat(new ReasoningFormat("<think>", "</think>"), ToolCallFormat.Hermes);
        host.Backend.OnSubmit = run => run.Say(answer).Finish(RequestOutcome.CompletedStop);
        return host;
    }

    private static async Task<(string Name, JsonElement Data)[]> StreamAsync(GatewayHost host, object body)
    {
        using HttpResponseMessage response = await host.OpenAsync(Path, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(part =>
        {
            string[] lines = part.Split('\n');
            Assert.Equal(2, lines.Length);
            return (lines[0]["event: ".Length..], JsonDocument.Parse(lines[1]["data: ".Length..]).RootElement.Clone());
        })];
    }

    private static string Deltas((string Name, JsonElement Data)[] events, int index, string field)
    {
        var text = new StringBuilder();
        foreach ((string name, JsonElement data) in events)
        {
            if (name == "content_block_delta" && data.GetProperty("index").GetInt32() == index
                && data.GetProperty("delta").TryGetProperty(field, out JsonElement piece))
            {
                text.Append(piece.GetString());
            }
        }

        return text.ToString();
    }
}
