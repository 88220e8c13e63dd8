using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Structure;
using XLLM.Gateway.Tests.Harness;
using XLLM.Text.Answers;
using XLLM.Text.ToolCalls;

namespace XLLM.Gateway.Tests.Structure;

/// <summary>Which field asks the engine for which form, and what is refused at the door.</summary>
public sealed class StructuredOutputTests
{
    private const string Chat = "/v1/chat/completions";
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";
    private const string Schema = """{"type":"object","properties":{"a":{"type":"integer"}}}""";
    private const string Call = "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>";

    public static TheoryData<string, string, StructureKind, string> Fields => new()
    {
        { Chat, "\"response_format\":{\"type\":\"json_object\"}", StructureKind.JsonSchema, """{"type":"object"}""" },
        { Chat, "\"response_format\":{\"type\":\"json_object\",\"schema\":" + Schema + "}", StructureKind.JsonSchema, Schema },
        {
            Chat, "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"strict\":true,\"schema\":" + Schema + "}}",
            StructureKind.JsonSchema, Schema
        },
        { Chat, "\"response_format\":{\"type\":\"regex\",\"regex\":\"a+\"}", StructureKind.Regex, "a+" },
        { Chat, "\"structured_outputs\":{\"json\":" + Schema + "}", StructureKind.JsonSchema, Schema },
        { Chat, "\"structured_outputs\":{\"json\":" + JsonSerializer.Serialize(Schema) + "}", StructureKind.JsonSchema, Schema },
        { Chat, "\"structured_outputs\":{\"regex\":\"a+\"}", StructureKind.Regex, "a+" },
        { Chat, "\"structured_outputs\":{\"grammar\":\"root ::= \\\"a\\\"\"}", StructureKind.Ebnf, "root ::= \"a\"" },
        { Chat, "\"structured_outputs\":{\"json_object\":true}", StructureKind.JsonSchema, """{"type":"object"}""" },
        { Chat, "\"guided_json\":" + Schema, StructureKind.JsonSchema, Schema },
        { Chat, "\"guided_regex\":\"a+\"", StructureKind.Regex, "a+" },
        { Chat, "\"guided_grammar\":\"root ::= \\\"a\\\"\"", StructureKind.Ebnf, "root ::= \"a\"" },
        { Chat, "\"grammar\":\"root ::= \\\"a\\\"\"", StructureKind.Ebnf, "root ::= \"a\"" },
        { Chat, "\"json_schema\":" + Schema, StructureKind.JsonSchema, Schema },
        { "/v1/completions", "\"regex\":\"a+\"", StructureKind.Regex, "a+" },
        { "/v1/completions", "\"response_format\":{\"type\":\"json_object\"}", StructureKind.JsonSchema, """{"type":"object"}""" },
        { "/v1/responses", "\"text\":{\"format\":{\"type\":\"json_object\"}}", StructureKind.JsonSchema, """{"type":"object"}""" },
        {
            "/v1/responses", "\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"x\",\"schema\":" + Schema + "}}",
            StructureKind.JsonSchema, Schema
        },
        { "/v1/messages", "\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":" + Schema + "}}", StructureKind.JsonSchema, Schema },
        { "/v1/messages", "\"output_format\":{\"type\":\"json_schema\",\"schema\":" + Schema + "}", StructureKind.JsonSchema, Schema },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_form_reaches_the_engine_for_every_choice(string path, string field, StructureKind kind, string text)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.PostAsync(path, BodyOf(path, field));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        Assert.All(host.Backend.Runs, r => Assert.Equal((kind, text), (r.Request.Structure!.Kind, r.Request.Structure.Text)));
    }

    [Fact]
    public async Task Choices_and_any_order_are_told_and_n_choices_have_the_form_each()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        (await host.PostAsync(Chat, BodyOf(Chat, "\"n\":3,\"guided_choice\":[\"yes\",\"no\"]"))).Dispose();
        Assert.Equal(3, host.Backend.Runs.Count());
        Assert.All(host.Backend.Runs, r => Assert.Equal("yes,no", string.Join(',', r.Request.Structure!.Choices)));
        (await host.PostAsync(Chat, BodyOf(Chat, "\"structured_outputs\":{\"any_order\":true,\"json\":" + Schema + "}"))).Dispose();
        Assert.Contains(host.Backend.Runs, r => r.Request.Structure!.AnyOrder);
    }

    [Theory]
    [InlineData("\"response_format\":{\"type\":\"text\"}")]
    [InlineData("\"response_format\":null")]
    [InlineData("\"grammar\":\"\"")]
    [InlineData("\"tools\":[]")]
    public async Task What_asks_for_no_form_asks_the_engine_for_none(string field)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.PostAsync(Chat, BodyOf(Chat, field));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        Assert.Null(host.Backend.Runs.Single().Request.Structure);
    }

    [Theory]
    [InlineData("\"response_format\":{}", "response_format.type", "invalid_value")]
    [InlineData("\"response_format\":{\"type\":\"yaml\"}", "response_format.type", "invalid_value")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\"}", "response_format.json_schema", "invalid_value")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{}}", "response_format.json_schema.name", "invalid_value")]
    [InlineData(
        "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"properties\":{\"a\":{\"pattern\":\"(?<=a)b\"}}}}}",
        "response_format.json_schema.schema#/properties/a", "invalid_schema")]
    [InlineData(
        "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"properties\":{\"a\":{\"$ref\":\"http://x/y\"}}}}}",
        "response_format.json_schema.schema#/properties/a", "invalid_schema")]
    [InlineData("\"guided_regex\":\"(a\"", "guided_regex", "invalid_schema")]
    [InlineData("\"guided_choice\":[]", "guided_choice", "invalid_value")]
    [InlineData("\"guided_choice\":[1]", "guided_choice[0]", "invalid_value")]
    [InlineData("\"grammar\":\"root ::= root\"", "grammar#root", "invalid_schema")]
    [InlineData("\"guided_json\":\"{\"", "guided_json", "invalid_schema")]
    [InlineData("\"guided_json\":7", "guided_json", "invalid_value")]
    [InlineData("\"structured_outputs\":{}", "structured_outputs", "invalid_value")]
    [InlineData("\"structured_outputs\":{\"regex\":\"a\",\"json\":{}}", "structured_outputs.regex", "invalid_value")]
    [InlineData("\"structured_outputs\":{\"whitespace_pattern\":\" \",\"json\":{}}", "structured_outputs.whitespace_pattern", "unsupported_parameter")]
    [InlineData("\"grammar\":\"root ::= \\\"a\\\"\",\"guided_json\":{}", "grammar", "invalid_value")]
    [InlineData("\"guided_json\":{},\"min_tokens\":3", "min_tokens", "invalid_value")]
    [InlineData("\"guided_json\":{},\"ignore_eos\":true", "ignore_eos", "invalid_value")]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice", "invalid_value")]
    [InlineData("\"tool_choice\":\"always\"", "tool_choice", "invalid_value")]
    [InlineData("\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}", "tool_choice", "invalid_value")]
    [InlineData("\"tool_choice\":\"required\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a b\"}}]", "tools[0].function.name", "invalid_value")]
    [InlineData(
        "\"tool_choice\":\"required\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"array\"}}}]",
        "tools[0].function.parameters.type", "invalid_value")]
    [InlineData(
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true,\"parameters\":{\"properties\":{\"a\":{\"type\":\"nothing\"}}}}}]",
        "tools[0].function.parameters#/properties/a", "invalid_schema")]
    public async Task What_cannot_be_kept_is_refused_with_its_path(string field, string param, string code)
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Format = new AnswerFormat(null, ToolCallFormat.Hermes);
        using HttpResponseMessage response = await host.PostAsync(Chat, BodyOf(Chat, field));
        string text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == 400, text);
        JsonElement error = JsonDocument.Parse(text).RootElement.GetProperty("error");
        Assert.Equal((param, code), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
        Assert.Equal(0, host.Backend.Submits);
        host.AssertNothingLeft();
    }

    [Fact]
    public async Task A_required_call_is_asked_of_the_engine_and_read_from_its_answer()
    {
        await using GatewayHost host = await StartAsync(ToolCallFormat.Hermes);
        foreach (string choice in (string[])["\"required\"", "{\"type\":\"function\",\"function\":{\"name\":\"f\"}}"])
        {
            using HttpResponseMessage response = await host.PostAsync(Chat, BodyOf(Chat, $"\"tool_choice\":{choice},{Tools()}"));
            JsonElement answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("choices")[0];
            Assert.Equal("tool_calls", answer.GetProperty("finish_reason").GetString());
            Assert.Equal("f", answer.GetProperty("message").GetProperty("tool_calls")[0].GetProperty("function").GetProperty("name").GetString());
        }

        Assert.All(host.Backend.Runs, r => Assert.Contains(Flatten(r.Request.Structure!), n => n.Text == "<tool_call>"));
    }

    [Fact]
    public async Task Tools_that_may_be_called_can_be_few_of_those_that_are_shown()
    {
        await using GatewayHost host = await StartAsync(ToolCallFormat.Hermes);
        const string Allowed = "{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":\"required\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"g\"}}]}}";
        using HttpResponseMessage response = await host.PostAsync(Chat, BodyOf(Chat, $"\"tool_choice\":{Allowed},{Tools()}"));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        OutputStructure[] nodes = [.. Flatten(host.Backend.Runs.Single().Request.Structure!)];
        Assert.Contains(nodes, n => n.Text.Contains("\"g\"", StringComparison.Ordinal));
        Assert.DoesNotContain(nodes, n => n.Text.Contains("\"f\"", StringComparison.Ordinal));
        Assert.Contains("\"f\"", host.Backend.Runs.Single().PromptText);
    }

    [Fact]
    public async Task A_model_whose_calls_are_not_known_can_be_made_to_call_but_not_kept_strict_in_free_text()
    {
        await using GatewayHost host = await StartAsync(ToolCallFormat.None);
        using HttpResponseMessage required = await host.PostAsync(Chat, BodyOf(Chat, $"\"tool_choice\":\"required\",{Tools()}"));
        JsonElement answer = JsonDocument.Parse(await required.Content.ReadAsStringAsync()).RootElement.GetProperty("choices")[0];
        Assert.Equal("tool_calls", answer.GetProperty("finish_reason").GetString());
        using HttpResponseMessage strict = await host.PostAsync(Chat, BodyOf(Chat, Tools(strict: true)));
        Assert.Equal(400, (int)strict.StatusCode);
        Assert.Contains("unsupported_parameter", await strict.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_schema_is_compiled_once_however_many_ask_for_it()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => (await host.PostAsync(Chat, BodyOf(Chat, "\"guided_json\":" + Schema))).Dispose()));
        Assert.Equal(20, host.Backend.Submits);
        Assert.Equal(1, host.Structures.Compiled);
        using HttpResponseMessage other = await host.PostAsync(Chat, BodyOf(Chat, "\"guided_regex\":" + JsonSerializer.Serialize(Schema)));
        Assert.Equal(2, host.Structures.Compiled);
    }

    [Fact]
    public async Task A_background_response_with_a_bad_schema_is_refused_before_it_begins()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpResponseMessage response = await host.PostAsync(
            "/v1/responses",
            """{"input":"a","background":true,"text":{"format":{"type":"json_schema","name":"x","schema":{"properties":{"a":{"type":"nothing"}}}}}}""");
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("text.format.schema#/properties/a", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_response_repeats_its_format_and_tool_choice()
    {
        await using GatewayHost host = await StartAsync(ToolCallFormat.Hermes);
        using HttpResponseMessage response = await host.PostAsync(
            "/v1/responses",
            """{"input":"a","tool_choice":{"type":"function","name":"f"},"tools":[{"type":"function","name":"f","parameters":{"type":"object"}}],"text":{"format":{"type":"json_object"}}}""");
        JsonElement answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("json_object", answer.GetProperty("text").GetProperty("format").GetProperty("type").GetString());
        Assert.Equal("f", answer.GetProperty("tool_choice").GetProperty("name").GetString());
        Assert.Equal("function_call", answer.GetProperty("output")[0].GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("""{"type":"any"}""")]
    [InlineData("""{"type":"tool","name":"f"}""")]
    public async Task Anthropics_any_and_tool_are_required_calls(string choice)
    {
        await using GatewayHost host = await StartAsync(ToolCallFormat.Hermes);
        using HttpResponseMessage response = await host.PostAsync(
            "/v1/messages",
            BodyOf("/v1/messages", "\"tool_choice\":" + choice + ",\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}]"));
        JsonElement answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("tool_use", answer.GetProperty("stop_reason").GetString());
        Assert.NotNull(host.Backend.Runs.Single().Request.Structure);
    }

    private static async Task<GatewayHost> StartAsync(ToolCallFormat calls)
    {
        GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Format = new AnswerFormat(null, calls);
        host.Backend.OnSubmit = run => run.Say(Call).Finish(RequestOutcome.CompletedStop);
        return host;
    }

    private static string Tools(bool strict = false) => "\"tools\":["
        + "{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":" + (strict ? "true" : "false") + ",\"parameters\":" + Schema + "}},"
        + "{\"type\":\"function\",\"function\":{\"name\":\"g\"}}]";

    private static IEnumerable<OutputStructure> Flatten(OutputStructure node) => node.Parts.SelectMany(Flatten).Prepend(node);

    private static string BodyOf(string path, string field) => path switch
    {
        "/v1/completions" => $"{{\"prompt\":\"Hi\",{field}}}",
        "/v1/responses" => $"{{\"input\":\"Hi\",{field}}}",
        "/v1/messages" => $"{{{Messages},\"max_tokens\":200,{field}}}",
        _ => $"{{{Messages},{field}}}",
    };
}
