using System.Text.Json;
using Anthropic;
using Anthropic.Models.Messages;
using Anthropic.Models.Models;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Tests.Harness;
using XLLM.Text.Answers;
using XLLM.Text.Reasoning;
using XLLM.Text.ToolCalls;

namespace XLLM.Gateway.Tests.Anthropic;

/// <summary>The official Anthropic SDK against a real socket.</summary>
public sealed class AnthropicSdkTests
{
    [Fact]
    public async Task A_message_with_thoughts_text_and_a_tool_call_is_read()
    {
        await using GatewayHost host = await StartAsync();
        using AnthropicClient client = ClientOf(host);
        Message message = await client.Messages.Create(Ask());
        Assert.Equal(3, message.Content.Count);
        Assert.True(message.Content[0].TryPickThinking(out ThinkingBlock? thinking));
        Assert.Equal("Hm.", thinking.Thinking);
        Assert.True(message.Content[1].TryPickText(out TextBlock? text));
        Assert.Equal("I look.", text.Text);
        Assert.True(message.Content[2].TryPickToolUse(out ToolUseBlock? call));
        Assert.Equal("get_weather", call.Name);
        Assert.Equal("Bonn", call.Input["city"].GetString());
        Assert.Equal("tool_use", message.StopReason?.Raw());
        Assert.True(message.Usage.OutputTokens > 10);
    }

    [Fact]
    public async Task A_streamed_message_comes_piece_by_piece()
    {
        await using GatewayHost host = await StartAsync();
        using AnthropicClient client = ClientOf(host);
        string text = "";
        string input = "";
        string thinking = "";
        string? reason = null;
        bool stopped = false;
        await foreach (RawMessageStreamEvent item in client.Messages.CreateStreaming(Ask()))
        {
            if (item.TryPickContentBlockDelta(out RawContentBlockDeltaEvent? delta))
            {
                text += delta.Delta.TryPickText(out TextDelta? piece) ? piece.Text : "";
                input += delta.Delta.TryPickInputJson(out InputJsonDelta? json) ? json.PartialJson : "";
                thinking += delta.Delta.TryPickThinking(out ThinkingDelta? thought) ? thought.Thinking : "";
            }

            reason = item.TryPickDelta(out RawMessageDeltaEvent? end) ? end.Delta.StopReason?.Raw() : reason;
            stopped |= item.TryPickStop(out _);
        }

        Assert.Equal(("Hm.", "I look.", "{\"city\": \"Bonn\"}", "tool_use", true), (thinking, text, input, reason, stopped));
    }

    [Fact]
    public async Task Tokens_are_counted()
    {
        await using GatewayHost host = await StartAsync();
        using AnthropicClient client = ClientOf(host);
        MessageTokensCount count = await client.Messages.CountTokens(
            new MessageCountTokensParams { Model = "toy", Messages = [new UserMessageParam("Hi")] });
        Assert.Equal("[user]Hi[assistant]".Length, count.InputTokens);
    }

    [Fact]
    public async Task Models_are_listed()
    {
        await using GatewayHost host = await StartAsync();
        using AnthropicClient client = ClientOf(host);
        ModelListPage models = await client.Models.List();
        Assert.Equal("toy", Assert.Single(models.Items).ID);
        ModelInfo one = await client.Models.Retrieve("toy");
        Assert.Equal(("toy", "toy"), (one.ID, one.DisplayName));
    }

    [Fact]
    public async Task An_error_is_the_SDKs_exception()
    {
        await using GatewayHost host = await StartAsync();
        using AnthropicClient client = ClientOf(host);
        Exception exception = await Assert.ThrowsAnyAsync<Exception>(
            () => client.Messages.Create(new MessageCreateParams { Model = "nope", MaxTokens = 5, Messages = [new UserMessageParam("Hi")] }));
        Assert.Contains("NotFound", exception.GetType().Name);
    }

    private static MessageCreateParams Ask() => new()
    {
        Model = "toy",
        MaxTokens = 200,
        System = "Be kind.",
        StopSequences = ["###"],
        Messages = [new UserMessageParam("Weather?")],
        Tools =
        [
            new Tool
            {
                Name = "get_weather", Description = "Weather of a city.",
                InputSchema = new InputSchema { Properties = new Dictionary<string, JsonElement>() },
            },
        ],
    };

    private static AnthropicClient ClientOf(GatewayHost host) =>
        new() { BaseUrl = host.Address.ToString().TrimEnd('/'), ApiKey = "none", MaxRetries = 0 };

    private static async Task<GatewayHost> StartAsync()
    {
        GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Format = new AnswerFormat(new ReasoningFormat("<think>", "</think>"), ToolCallFormat.Hermes);
        host.Backend.OnSubmit = run => run
            .Say("<think>Hm.</think>I look.\n<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Bonn\"}}</tool_call>")
            .Finish(RequestOutcome.CompletedStop);
        return host;
    }
}
