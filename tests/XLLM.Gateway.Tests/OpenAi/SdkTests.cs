using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.OpenAi;

/// <summary>The official OpenAI SDK against a real socket.</summary>
public sealed class SdkTests
{
    [Fact]
    public async Task A_chat_is_answered_with_usage_and_logprobs()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        ChatCompletion answer = await ClientOf(host).GetChatClient("toy").CompleteChatAsync(
            [new SystemChatMessage("Be kind."), new UserChatMessage("Hi"), new AssistantChatMessage("Yes?"), new UserChatMessage("Hi")],
            new ChatCompletionOptions
            {
                MaxOutputTokenCount = 50,
                Temperature = 0.5f,
                TopP = 0.9f,
                IncludeLogProbabilities = true,
                TopLogProbabilityCount = 3,
                StopSequences = { "###" },
            });
        Assert.Equal("Hello, world!", answer.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.Equal(13, answer.Usage.OutputTokenCount);
        Assert.Equal(13, answer.ContentTokenLogProbabilities.Count);
        Assert.Equal(3, answer.ContentTokenLogProbabilities[0].TopLogProbabilities.Count);
        Assert.Equal("toy", answer.Model);
        Assert.Equal("[system]Be kind.[user]Hi[assistant]Yes?[user]Hi[assistant]", host.Backend.Runs.Single().PromptText);
        Assert.Equal(50, host.Backend.Runs.Single().Request.Stop.MaxTokens);
    }

    [Fact]
    public async Task A_streamed_chat_comes_piece_by_piece()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = _ => ScriptedRun.Accept();
        ChatClient chat = ClientOf(host).GetChatClient("toy");
        await using IAsyncEnumerator<StreamingChatCompletionUpdate> updates =
            chat.CompleteChatStreamingAsync(new UserChatMessage("Hi")).GetAsyncEnumerator();
        ValueTask<bool> first = updates.MoveNextAsync();
        ScriptedRun run = await host.Backend.NextAsync();
        run.Say("a");
        Assert.True(await first);
        Assert.Equal(ChatMessageRole.Assistant, updates.Current.Role);
        Assert.Equal("a", await ReadAsync(updates, 1));
        run.Say("bc");
        Assert.Equal("bc", await ReadAsync(updates, 2));
        run.Finish(RequestOutcome.CompletedLength);
        ChatFinishReason? reason = null;
        ChatTokenUsage? usage = null;
        while (await updates.MoveNextAsync())
        {
            reason = updates.Current.FinishReason ?? reason;
            usage = updates.Current.Usage ?? usage;
        }

        Assert.Equal(ChatFinishReason.Length, reason);
        Assert.Equal(3, usage?.OutputTokenCount);
    }

    [Fact]
    public async Task Models_are_listed()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        OpenAIModelClient client = ClientOf(host).GetOpenAIModelClient();
        OpenAIModelCollection models = await client.GetModelsAsync();
        Assert.Equal("toy", Assert.Single(models).Id);
        OpenAIModel one = await client.GetModelAsync("toy");
        Assert.Equal("xllm", one.OwnedBy);
    }

    [Fact]
    public async Task Completions_work_through_the_SDKs_pipeline()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        ClientPipeline pipeline = ClientOf(host).Pipeline;
        using PipelineMessage message = pipeline.CreateMessage();
        message.Request.Method = "POST";
        message.Request.Uri = new Uri(host.Address, "/v1/completions");
        message.Request.Headers.Set("Content-Type", "application/json");
        message.Request.Content = BinaryContent.Create(BinaryData.FromString("""{"model":"toy","prompt":"Hi"}"""));
        await pipeline.SendAsync(message);
        JsonElement answer = JsonDocument.Parse(message.Response!.Content).RootElement;
        Assert.Equal("Hello, world!", answer.GetProperty("choices")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task An_error_reaches_the_caller_as_the_SDKs_exception()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        ClientResultException exception = await Assert.ThrowsAsync<ClientResultException>(
            () => ClientOf(host).GetChatClient("nope").CompleteChatAsync(new UserChatMessage("Hi")));
        Assert.Equal(404, exception.Status);
        Assert.Contains("model_not_found", exception.Message);
    }

    private static OpenAIClient ClientOf(GatewayHost host) => new(
        new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(host.Address, "/v1") });

    private static async Task<string> ReadAsync(IAsyncEnumerator<StreamingChatCompletionUpdate> updates, int length)
    {
        string text = "";
        while (text.Length < length && await updates.MoveNextAsync())
        {
            text += string.Concat(updates.Current.ContentUpdate.Select(c => c.Text));
        }

        return text;
    }
}
