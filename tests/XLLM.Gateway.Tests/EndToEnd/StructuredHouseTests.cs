#pragma warning disable OPENAI001 // The SDK marks the seed as experimental.
using System.ClientModel;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Anthropic;
using Anthropic.Models.Messages;
using OpenAI;
using OpenAI.Chat;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.EndToEnd;

/// <summary>
/// Structured output from HTTP to kernels and back. The demo model is tiny and, this hot, writes nonsense: only masks can make what it
/// writes valid, and a validator that shares nothing with them says whether it is.
/// </summary>
public sealed class StructuredHouseTests(HouseFixture house) : IClassFixture<HouseFixture>
{
    private const int Seeds = 20;
    private const float Hot = 1.9f;
    private const string Chat = "/v1/chat/completions";

    private const string Person = """
        {"type":"object","properties":{
          "name":{"type":"string","minLength":1,"maxLength":12},
          "age":{"type":"integer","minimum":0,"maximum":150},
          "mail":{"type":"string","pattern":"^[a-z]{1,8}@[a-z]{1,8}\\.de$"},
          "kind":{"anyOf":[{"const":"cat"},{"type":"null"}]},
          "friends":{"type":"array","maxItems":2,"items":{"$ref":"#/$defs/friend"}}},
         "required":["name","age","mail","kind","friends"],"additionalProperties":false,
         "$defs":{"friend":{"type":"object","properties":{"near":{"type":"boolean"},"km":{"enum":[1,2.5,"far"]}},
           "required":["near","km"],"additionalProperties":false}}}
        """;

    private const string Weather = """
        {"type":"object","properties":{"city":{"type":"string","minLength":1,"maxLength":10},"days":{"type":"integer","minimum":1,"maximum":9},
         "unit":{"enum":["C","F"]}},"required":["city","days","unit"],"additionalProperties":false}
        """;

    private static readonly JsonElement PersonSchema = JsonDocument.Parse(Person).RootElement;
    private static readonly JsonElement WeatherSchema = JsonDocument.Parse(Weather).RootElement;
    private static readonly object[] Ask = [new { role = "user", content = "Tell me." }];

    [Fact]
    public async Task The_OpenAI_SDKs_structured_outputs_are_valid_for_every_seed()
    {
        ChatClient chat = ChatOf();
        await ForSeedsAsync(async seed =>
        {
            ChatCompletion answer = await chat.CompleteChatAsync([new UserChatMessage("Describe someone.")], new ChatCompletionOptions
            {
                Seed = seed, Temperature = Hot, MaxOutputTokenCount = 300,
                ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("person", BinaryData.FromString(Person), null, jsonSchemaIsStrict: true),
            });
            Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
            AssertValid(PersonSchema, answer.Content[0].Text);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_OpenAI_SDKs_required_and_named_calls_have_their_arguments_for_every_seed(bool named)
    {
        ChatClient chat = ChatOf();
        await ForSeedsAsync(async seed =>
        {
            ChatCompletionOptions options = ToolOptions(seed);
            options.ToolChoice = named ? ChatToolChoice.CreateFunctionChoice("get_weather") : ChatToolChoice.CreateRequiredChoice();
            options.AllowParallelToolCalls = false;
            ChatCompletion answer = await chat.CompleteChatAsync([new UserChatMessage("Weather?")], options);
            Assert.Equal(ChatFinishReason.ToolCalls, answer.FinishReason);
            ChatToolCall call = Assert.Single(answer.ToolCalls);
            AssertCall(call.FunctionName, call.FunctionArguments.ToString());
            Assert.True(!named || call.FunctionName == "get_weather");
        });
    }

    [Fact]
    public async Task Streamed_required_calls_are_valid_too_and_several_are_when_allowed()
    {
        ChatClient chat = ChatOf();
        await ForSeedsAsync(async seed =>
        {
            ChatCompletionOptions options = ToolOptions(seed);
            options.ToolChoice = ChatToolChoice.CreateRequiredChoice();
            var calls = new SortedDictionary<int, (string Name, string Arguments)>();
            await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync([new UserChatMessage("Weather?")], options))
            {
                foreach (StreamingChatToolCallUpdate call in update.ToolCallUpdates)
                {
                    (string name, string arguments) = calls.GetValueOrDefault(call.Index, ("", ""));
                    calls[call.Index] = (name + call.FunctionName, arguments + call.FunctionArgumentsUpdate);
                }
            }

            Assert.NotEmpty(calls);
            Assert.All(calls.Values, c => AssertCall(c.Name, c.Arguments));
        });
    }

    [Fact]
    public async Task Under_auto_a_strict_tool_is_called_validly_or_not_at_all()
    {
        ChatClient chat = ChatOf();
        await ForSeedsAsync(async seed =>
        {
            ChatCompletion answer = await chat.CompleteChatAsync([new UserChatMessage("Weather?")], ToolOptions(seed));
            Assert.All(answer.ToolCalls, c => AssertCall(c.FunctionName, c.FunctionArguments.ToString()));
        });
    }

    [Fact]
    public async Task The_Anthropic_SDKs_any_tool_is_called_validly_every_time()
    {
        using AnthropicClient client = AnthropicOf();
        await ForSeedsAsync(async _ =>
        {
            Message message = await client.Messages.Create(new MessageCreateParams
            {
                Model = HouseFixture.Model, MaxTokens = 300, Messages = [new UserMessageParam("Weather?")],
                ToolChoice = new ToolChoiceAny { DisableParallelToolUse = true },
                Tools =
                [
                    new Tool
                    {
                        Name = "get_weather",
                        InputSchema = InputSchema.FromRawUnchecked(
                            WeatherSchema.EnumerateObject().ToDictionary(p => p.Name, p => p.Value)),
                    },
                ],
            });
            Assert.Equal("tool_use", message.StopReason?.Raw());
            ToolUseBlock call = Assert.Single(message.Content.Select(c => c.TryPickToolUse(out ToolUseBlock? use) ? use : null).OfType<ToolUseBlock>());
            AssertCall(call.Name, JsonSerializer.Serialize(call.Input));
        });
    }

    [Fact]
    public async Task The_Anthropic_SDKs_output_format_is_kept_every_time()
    {
        using AnthropicClient client = AnthropicOf();
        await ForSeedsAsync(async _ =>
        {
            Message message = await client.Messages.Create(new MessageCreateParams
            {
                Model = HouseFixture.Model, MaxTokens = 300, Messages = [new UserMessageParam("Describe someone.")],
                OutputConfig = new OutputConfig
                {
                    Format = new JsonOutputFormat { Schema = PersonSchema.EnumerateObject().ToDictionary(p => p.Name, p => p.Value) },
                },
            });
            Assert.Equal("end_turn", message.StopReason?.Raw());
            AssertValid(PersonSchema, string.Concat(message.Content.Select(c => c.TryPickText(out TextBlock? text) ? text.Text : "")));
        });
    }

    [Fact]
    public async Task Three_choices_streamed_with_log_probabilities_are_valid_each()
    {
        using HttpResponseMessage response = await house.Client.PostAsJsonAsync(Chat, new
        {
            messages = Ask, n = 3, seed = 5, temperature = Hot, stream = true, logprobs = true, max_tokens = 300,
            response_format = new { type = "json_schema", json_schema = new { name = "person", schema = PersonSchema } },
        });
        SseEvents stream = SseEvents.Parse(await response.Content.ReadAsStringAsync());
        for (int i = 0; i < 3; i++)
        {
            JsonElement[] chunks = [.. stream.Choices.Where(c => c.GetProperty("index").GetInt32() == i)];
            AssertValid(PersonSchema, string.Concat(chunks.Select(c => c.GetProperty("delta").TryGetProperty("content", out JsonElement t) ? t.GetString() : "")));
            Assert.Equal("stop", chunks[^1].GetProperty("finish_reason").GetString());
            Assert.Contains(chunks, c => c.GetProperty("logprobs").ValueKind == JsonValueKind.Object);
        }

        await house.AssertIdleAndSoundAsync();
    }

    [Fact]
    public async Task Thoughts_come_first_and_the_answer_behind_them_is_valid()
    {
        await ForSeedsAsync(async seed =>
        {
            JsonElement choice = await AskAsync(Chat, new
            {
                messages = Ask, seed, temperature = 1, max_tokens = 400, chat_template_kwargs = new { enable_thinking = true },
                response_format = new { type = "json_schema", json_schema = new { name = "person", schema = PersonSchema } },
            });
            AssertValid(PersonSchema, choice.GetProperty("message").GetProperty("content").GetString()!);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Thoughts_end_within_their_budget_and_the_answer_follows(bool structured)
    {
        const int Budget = 12;
        await ForSeedsAsync(async seed =>
        {
            Dictionary<string, object> body = new()
            {
                ["messages"] = Ask, ["seed"] = seed, ["temperature"] = Hot, ["max_tokens"] = 300, ["logprobs"] = true,
                ["chat_template_kwargs"] = new { enable_thinking = true }, ["thinking_token_budget"] = Budget,
            };
            if (structured)
            {
                body["response_format"] = new { type = "json_schema", json_schema = new { name = "person", schema = PersonSchema } };
            }

            JsonElement choice = await AskAsync(Chat, body);
            string[] tokens =
                [.. choice.GetProperty("logprobs").GetProperty("content").EnumerateArray().Select(t => t.GetProperty("token").GetString()!)];
            int end = Array.FindIndex(tokens, t => t == "</think>");
            Assert.InRange(end, 0, Budget - 1);
            if (structured)
            {
                AssertValid(PersonSchema, choice.GetProperty("message").GetProperty("content").GetString()!);
            }
        });
    }

    [Fact]
    public async Task Patterns_choices_grammars_and_objects_are_kept()
    {
        await ForSeedsAsync(async seed =>
        {
            Assert.Matches(new Regex(@"\A[A-Z]{2}-[0-9]{3,5}\z"), await TextAsync(new { guided_regex = "[A-Z]{2}-[0-9]{3,5}" }, seed));
            Assert.Contains(await TextAsync(new { structured_outputs = new { choice = new[] { "yes", "no", "maybe so" } } }, seed), (string[])["yes", "no", "maybe so"]);
            Assert.Matches(new Regex(@"\A(\d\+)*\d\z"), await TextAsync(new { grammar = "root ::= digit | digit \"+\" root\ndigit ::= [0-9]" }, seed));
            Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(await TextAsync(new { response_format = new { type = "json_object" } }, seed)).RootElement.ValueKind);
        });
    }

    [Fact]
    public async Task With_little_room_an_answer_is_valid_or_says_length()
    {
        await ForSeedsAsync(async seed =>
        {
            JsonElement choice = await AskAsync(Chat, new
            {
                messages = Ask, seed, temperature = Hot, max_tokens = 20 + (int)(seed * 4),
                response_format = new { type = "json_schema", json_schema = new { name = "person", schema = PersonSchema } },
            });
            if (choice.GetProperty("finish_reason").GetString() != "length")
            {
                AssertValid(PersonSchema, choice.GetProperty("message").GetProperty("content").GetString()!);
            }
        });
    }

    private static ChatCompletionOptions ToolOptions(long seed) => new()
    {
        Seed = seed,
        Temperature = Hot,
        MaxOutputTokenCount = 300,
        Tools =
        {
            ChatTool.CreateFunctionTool("get_weather", "Weather of a city.", BinaryData.FromString(Weather), functionSchemaIsStrict: true),
            ChatTool.CreateFunctionTool("get_person", "A person.", BinaryData.FromString(Person), functionSchemaIsStrict: true),
        },
    };

    private static void AssertCall(string name, string arguments) =>
        AssertValid(name == "get_weather" ? WeatherSchema : name == "get_person" ? PersonSchema : default, arguments);

    private static void AssertValid(JsonElement schema, string text)
    {
        Assert.NotEqual(JsonValueKind.Undefined, schema.ValueKind);
        using JsonDocument value = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
        string? fault = PlainValidator.Fault(schema, value.RootElement);
        Assert.True(fault is null, $"{fault} in {text}");
    }

    private static async Task ForSeedsAsync(Func<long, Task> body)
    {
        foreach (long[] some in Enumerable.Range(1, Seeds).Select(i => (long)i).Chunk(10))
        {
            await Task.WhenAll(some.Select(body));
        }
    }

    private ChatClient ChatOf() => new OpenAIClient(
        new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(house.Address, "/v1") }).GetChatClient(HouseFixture.Model);

    private AnthropicClient AnthropicOf() =>
        new() { BaseUrl = house.Address.ToString().TrimEnd('/'), ApiKey = "none", MaxRetries = 0 };

    private async Task<string> TextAsync(object field, long seed)
    {
        Dictionary<string, object> body = JsonSerializer.SerializeToElement(field).EnumerateObject().ToDictionary(p => p.Name, p => (object)p.Value);
        body["prompt"] = "Tell me: ";
        body["seed"] = seed;
        body["temperature"] = Hot;
        body["max_tokens"] = 200;
        JsonElement choice = await AskAsync("/v1/completions", body);
        Assert.Equal("stop", choice.GetProperty("finish_reason").GetString());
        return choice.GetProperty("text").GetString()!;
    }

    private async Task<JsonElement> AskAsync(string path, object body)
    {
        using HttpResponseMessage response = await house.Client.PostAsJsonAsync(path, body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonDocument.Parse(text).RootElement.GetProperty("choices")[0].Clone();
    }
}
