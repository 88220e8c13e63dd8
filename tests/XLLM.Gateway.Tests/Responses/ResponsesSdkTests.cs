#pragma warning disable OPENAI001 // The SDK marks its client of this API as experimental.
using System.ClientModel;
using OpenAI;
using OpenAI.Responses;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Tests.Harness;
using XLLM.Text.Answers;
using XLLM.Text.ToolCalls;

namespace XLLM.Gateway.Tests.Responses;

/// <summary>The official OpenAI SDK's client of /v1/responses against a real socket.</summary>
public sealed class ResponsesSdkTests
{
    [Fact]
    public async Task A_response_is_created_found_listed_and_deleted()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        ResponsesClient client = ClientOf(host);
        ResponseResult made = await client.CreateResponseAsync(
            new CreateResponseOptions("toy", [ResponseItem.CreateUserMessageItem("Hi")]) { Instructions = "Be kind.", MaxOutputTokenCount = 50 });
        Assert.Equal("Hello, world!", made.GetOutputText());
        Assert.Equal(ResponseStatus.Completed, made.Status);
        Assert.Equal(13, made.Usage.OutputTokenCount);
        ResponseResult found = await client.GetResponseAsync(made.Id);
        Assert.Equal("Hello, world!", found.GetOutputText());
        var items = new List<ResponseItem>();
        await foreach (ResponseItem item in client.GetResponseInputItemsAsync(made.Id))
        {
            items.Add(item);
        }

        Assert.Equal("Hi", Assert.IsType<MessageResponseItem>(Assert.Single(items), exactMatch: false).Content[0].Text);
        ResponseDeletionResult deleted = await client.DeleteResponseAsync(made.Id);
        Assert.True(deleted.Deleted);
        ClientResultException gone = await Assert.ThrowsAsync<ClientResultException>(() => client.GetResponseAsync(made.Id));
        Assert.Equal(404, gone.Status);
    }

    [Fact]
    public async Task A_background_response_is_cancelled()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Backend.OnSubmit = _ => ScriptedRun.Accept();
        ResponsesClient client = ClientOf(host);
        ResponseResult made = await client.CreateResponseAsync(
            new CreateResponseOptions("toy", [ResponseItem.CreateUserMessageItem("Hi")]) { BackgroundModeEnabled = true });
        await host.Backend.NextAsync();
        ResponseResult ended = await client.CancelResponseAsync(made.Id);
        Assert.Equal(ResponseStatus.Cancelled, ended.Status);
    }

    [Fact]
    public async Task A_streamed_tool_call_is_collected()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Fleet.Format = new AnswerFormat(null, ToolCallFormat.Hermes);
        host.Backend.OnSubmit = run => run
            .Say("I look.<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1}}</tool_call>").Finish(RequestOutcome.CompletedStop);
        var options = new CreateResponseOptions("toy", [ResponseItem.CreateUserMessageItem("Hi")]) { StreamingEnabled = true };
        options.Tools.Add(ResponseTool.CreateFunctionTool("f", BinaryData.FromString("""{"type":"object"}"""), false, "Adds."));
        string text = "";
        string arguments = "";
        ResponseResult? end = null;
        await foreach (StreamingResponseUpdate update in ClientOf(host).CreateResponseStreamingAsync(options))
        {
            text += update is StreamingResponseOutputTextDeltaUpdate piece ? piece.Delta : "";
            arguments += update is StreamingResponseFunctionCallArgumentsDeltaUpdate json ? json.Delta.ToString() : "";
            end = update is StreamingResponseCompletedUpdate completed ? completed.Response : end;
        }

        Assert.Equal(("I look.", "{\"a\": 1}"), (text, arguments));
        FunctionCallResponseItem call = Assert.Single(end!.OutputItems.OfType<FunctionCallResponseItem>());
        Assert.Equal("f", call.FunctionName);
    }

    private static ResponsesClient ClientOf(GatewayHost host) => new OpenAIClient(
        new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(host.Address, "/v1") }).GetResponsesClient();
}
