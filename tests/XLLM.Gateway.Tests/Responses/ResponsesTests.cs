using System.Net;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Tests.Harness;
using XLLM.Text.Answers;
using XLLM.Text.Reasoning;
using XLLM.Text.ToolCalls;

namespace XLLM.Gateway.Tests.Responses;

public sealed class ResponsesTests
{
    private const string Path = "/v1/responses";
    private const string Call = "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1}}</tool_call>";
    private static readonly object[] Tools = [new { type = "function", name = "f", parameters = new { type = "object" }, strict = false }];

    [Fact]
    public async Task A_response_has_its_items_and_its_usage()
    {
        await using GatewayHost host = await StartAsync($"<think>Hm.</think>Ok.{Call}");
        JsonElement answer = await host.AskAsync(Path, new { model = "toy", input = "Hi", tools = Tools, instructions = "Be kind." });
        Assert.Equal("completed", answer.GetProperty("status").GetString());
        JsonElement[] items = [.. answer.GetProperty("output").EnumerateArray()];
        Assert.Equal(["reasoning", "message", "function_call"], items.Select(i => i.GetProperty("type").GetString()));
        Assert.Equal("Hm.", items[0].GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal("Ok.", items[1].GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal("{\"a\": 1}", items[2].GetProperty("arguments").GetString());
        Assert.All(items, i => Assert.Equal("completed", i.GetProperty("status").GetString()));
        string prompt = host.Backend.Runs.Single().PromptText;
        Assert.EndsWith("[system]Be kind.[user]Hi[assistant]", prompt);
        JsonElement usage = answer.GetProperty("usage");
        Assert.Equal(prompt.Length, usage.GetProperty("input_tokens").GetInt32());
        Assert.InRange(usage.GetProperty("output_tokens_details").GetProperty("reasoning_tokens").GetInt32(), 8, 20);
    }

    [Fact]
    public async Task Events_come_in_OpenAIs_order_and_are_numbered()
    {
        await using GatewayHost host = await StartAsync($"<think>Hm.</think>Ok.{Call}");
        JsonElement[] events = await StreamAsync(host, new { model = "toy", input = "Hi", tools = Tools, stream = true });
        string[] names = [.. events.Select(e => e.GetProperty("type").GetString()!)];
        Assert.Equal(
            ["response.created", "response.in_progress",
                "response.output_item.added", "response.content_part.added", "response.reasoning_text.delta", "response.reasoning_text.done",
                "response.content_part.done", "response.output_item.done",
                "response.output_item.added", "response.content_part.added", "response.output_text.delta", "response.output_text.done",
                "response.content_part.done", "response.output_item.done",
                "response.output_item.added", "response.function_call_arguments.delta", "response.function_call_arguments.done",
                "response.output_item.done", "response.completed"],
            names.Where((n, i) => i == 0 || n != names[i - 1]));
        Assert.Equal(Enumerable.Range(0, events.Length), events.Select(e => e.GetProperty("sequence_number").GetInt32()));
        Assert.Equal("Ok.", string.Concat(events.Where(e => e.GetProperty("type").GetString() == "response.output_text.delta").Select(e => e.GetProperty("delta").GetString())));
        JsonElement stored = await host.Client.GetFromJsonElementAsync($"{Path}/{events[^1].GetProperty("response").GetProperty("id").GetString()}");
        Assert.Equal(events[^1].GetProperty("response").GetRawText(), stored.GetRawText());
    }

    [Fact]
    public async Task A_previous_response_is_the_beginning_of_the_conversation()
    {
        await using GatewayHost host = await StartAsync(Call);
        JsonElement first = await host.AskAsync(Path, new { input = "Hi", tools = Tools, instructions = "once" });
        string callId = first.GetProperty("output")[0].GetProperty("call_id").GetString()!;
        host.Backend.OnSubmit = run => run.Say("7").Finish(RequestOutcome.CompletedStop);
        JsonElement second = await host.AskAsync(Path, new
        {
            previous_response_id = first.GetProperty("id").GetString(),
            input = new[] { new { type = "function_call_output", call_id = callId, output = "7" } },
        });
        JsonElement third = await host.AskAsync(Path, new { previous_response_id = second.GetProperty("id").GetString(), input = "And?" });
        Assert.Equal("completed", third.GetProperty("status").GetString());
        string prompt = host.Backend.Runs.Single(r => r.PromptText.Contains("And?", StringComparison.Ordinal)).PromptText;
        Assert.StartsWith("[user]Hi[assistant][{\"id\":\"" + callId, prompt);
        Assert.EndsWith($"[tool]7(of {callId})[assistant]7[user]And?[assistant]", prompt);
    }

    [Fact]
    public async Task A_stored_response_is_found_its_input_listed_and_it_can_be_deleted()
    {
        await using GatewayHost host = await StartAsync("Yes");
        JsonElement made = await host.AskAsync(Path, new
        {
            input = new object[] { new { role = "user", content = "one" }, new { role = "assistant", content = "two" }, new { role = "user", content = "three" } },
            metadata = new { a = "b" },
        });
        string id = made.GetProperty("id").GetString()!;
        JsonElement found = await host.Client.GetFromJsonElementAsync($"{Path}/{id}");
        Assert.Equal(made.GetRawText(), found.GetRawText());
        Assert.Equal("b", found.GetProperty("metadata").GetProperty("a").GetString());
        JsonElement page = await host.Client.GetFromJsonElementAsync($"{Path}/{id}/input_items?order=asc&limit=2");
        Assert.Equal(["one", "two"], page.GetProperty("data").EnumerateArray().Select(i => i.GetProperty("content")[0].GetProperty("text").GetString()));
        Assert.True(page.GetProperty("has_more").GetBoolean());
        JsonElement rest = await host.Client.GetFromJsonElementAsync(
            $"{Path}/{id}/input_items?order=asc&after={page.GetProperty("last_id").GetString()}");
        Assert.Equal("three", Assert.Single(rest.GetProperty("data").EnumerateArray()).GetProperty("content")[0].GetProperty("text").GetString());
        using HttpResponseMessage deleted = await host.Client.DeleteAsync($"{Path}/{id}");
        Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        using HttpResponseMessage gone = await host.Client.GetAsync($"{Path}/{id}");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Contains("response_not_found", await gone.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_response_that_is_not_to_be_stored_is_not()
    {
        await using GatewayHost host = await StartAsync("Yes");
        JsonElement made = await host.AskAsync(Path, new { input = "Hi", store = false });
        using HttpResponseMessage gone = await host.Client.GetAsync($"{Path}/{made.GetProperty("id").GetString()}");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task Only_so_many_are_kept_the_oldest_go_first()
    {
        await using GatewayHost host = await GatewayHost.StartAsync(o => o.MaxStoredResponses = 2);
        string[] ids = new string[3];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = (await host.AskAsync(Path, new { input = "Hi" })).GetProperty("id").GetString()!;
        }

        using HttpResponseMessage first = await host.Client.GetAsync($"{Path}/{ids[0]}");
        using HttpResponseMessage last = await host.Client.GetAsync($"{Path}/{ids[2]}");
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK), (first.StatusCode, last.StatusCode));
    }

    [Fact]
    public async Task A_background_response_runs_without_its_client_and_can_be_cancelled()
    {
        await using GatewayHost host = await StartAsync("");
        host.Backend.OnSubmit = _ => ScriptedRun.Accept();
        JsonElement queued = await host.AskAsync(Path, new { input = "Hi", background = true });
        Assert.Equal("queued", queued.GetProperty("status").GetString());
        string id = queued.GetProperty("id").GetString()!;
        ScriptedRun run = await host.Backend.NextAsync();
        run.Say("half");
        using HttpResponseMessage response = await host.PostAsync($"{Path}/{id}/cancel", "");
        JsonElement cancelled = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("cancelled", cancelled.GetProperty("status").GetString());
        Assert.Equal(RequestOutcome.Cancelled, await run.Ended.Task.WaitAsync(TestTime.Limit));
        JsonElement found = await host.Client.GetFromJsonElementAsync($"{Path}/{id}");
        Assert.Equal("cancelled", found.GetProperty("status").GetString());
        host.AssertNothingLeft();
    }

    [Fact]
    public async Task A_failure_midway_is_told_and_a_limit_makes_it_incomplete()
    {
        await using GatewayHost host = await StartAsync("");
        host.Backend.OnSubmit = run => run.Say("Hel").Finish(RequestOutcome.InstanceLost);
        JsonElement[] events = await StreamAsync(host, new { input = "Hi", stream = true });
        Assert.Equal("response.failed", events[^1].GetProperty("type").GetString());
        Assert.Equal("server_error", events[^1].GetProperty("response").GetProperty("error").GetProperty("code").GetString());
        host.Backend.OnSubmit = run => run.Say("Hello").Finish(RequestOutcome.CompletedLength);
        JsonElement cut = await host.AskAsync(Path, new { input = "Hi", max_output_tokens = 3 });
        Assert.Equal("incomplete", cut.GetProperty("status").GetString());
        Assert.Equal("max_output_tokens", cut.GetProperty("incomplete_details").GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("{}", "input")]
    [InlineData("""{"input":[]}""", "input")]
    [InlineData("""{"input":[{"role":"wizard","content":"a"}]}""", "input[0].role")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"input_image"}]}]}""", "input[0].content[0]")]
    [InlineData("""{"input":[{"type":"item_reference","id":"a"}]}""", "input[0].type")]
    [InlineData("""{"input":[{"type":"function_call_output","output":"a"}]}""", "input[0].call_id")]
    [InlineData("""{"input":"a","previous_response_id":"resp_x"}""", "previous_response_id")]
    [InlineData("""{"input":"a","stream":true,"background":true}""", "background")]
    [InlineData("""{"input":"a","store":false,"background":true}""", "store")]
    [InlineData("""{"input":"a","tools":[{"type":"web_search"}]}""", "tools[0].type")]
    [InlineData("""{"input":"a","tool_choice":"required"}""", "tool_choice")]
    [InlineData("""{"input":"a","text":{"format":{"type":"yaml"}}}""", "text.format.type")]
    [InlineData("""{"input":"a","truncation":"auto"}""", "truncation")]
    [InlineData("""{"input":"a","metadata":{"a":5}}""", "metadata.a")]
    [InlineData("""{"input":"a","max_output_tokens":0}""", "max_output_tokens")]
    public async Task Wrong_requests_are_refused_with_their_path(string body, string param)
    {
        await using GatewayHost host = await StartAsync("");
        using HttpResponseMessage response = await host.PostAsync(Path, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.BadRequest, text);
        Assert.Equal(param, JsonDocument.Parse(text).RootElement.GetProperty("error").GetProperty("param").GetString());
    }

    private static async Task<GatewayHost> StartAsync(string answer)
    {
        GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Format = new AnswerFormat(new ReasoningFormat("<think>", "</think>"), ToolCallFormat.Hermes);
        host.Backend.OnSubmit = run => run.Say(answer).Finish(RequestOutcome.CompletedStop);
        return host;
    }

    private static async Task<JsonElement[]> StreamAsync(GatewayHost host, object body)
    {
        using HttpResponseMessage response = await host.OpenAsync(Path, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(part => JsonDocument.Parse(part.Split('\n')[1]["data: ".Length..]).RootElement.Clone())];
    }
}
