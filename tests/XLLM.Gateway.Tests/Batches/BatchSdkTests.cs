#pragma warning disable OPENAI001 // The SDK marks its client of this API as experimental.
using System.ClientModel;
using System.Text;
using System.Text.Json;
using OpenAI;
using OpenAI.Batch;
using OpenAI.Files;
using XLLM.Gateway.Tests.Harness;

namespace XLLM.Gateway.Tests.Batches;

/// <summary>The official OpenAI SDK's clients of /v1/files and /v1/batches against a real socket.</summary>
public sealed class BatchSdkTests
{
    [Fact]
    public async Task Files_are_uploaded_found_listed_downloaded_and_deleted()
    {
        await using StoreHost host = await StoreHost.StartAsync();
        OpenAIFileClient files = ClientOf(host).GetOpenAIFileClient();
        OpenAIFile made = await files.UploadFileAsync(BinaryData.FromString("Hello"), "greeting.txt", FileUploadPurpose.UserData);
        Assert.Equal(("greeting.txt", 5, FilePurpose.UserData), (made.Filename, made.SizeInBytes, made.Purpose));
        OpenAIFile found = await files.GetFileAsync(made.Id);
        Assert.Equal(made.Id, found.Id);
        OpenAIFileCollection listed = await files.GetFilesAsync();
        Assert.Equal(made.Id, Assert.Single(listed).Id);
        BinaryData content = await files.DownloadFileAsync(made.Id);
        Assert.Equal("Hello", content.ToString());
        FileDeletionResult deleted = await files.DeleteFileAsync(made.Id);
        Assert.True(deleted.Deleted);
        ClientResultException gone = await Assert.ThrowsAsync<ClientResultException>(() => files.GetFileAsync(made.Id));
        Assert.Equal(404, gone.Status);
    }

    [Fact]
    public async Task A_batch_is_made_followed_and_read()
    {
        await using StoreHost host = await StoreHost.StartAsync();
        OpenAIClient client = ClientOf(host);
        OpenAIFile input = await client.GetOpenAIFileClient().UploadFileAsync(
            BinaryData.FromString(StoreHost.Lines(3)), "input.jsonl", FileUploadPurpose.Batch);
        using var body = BinaryContent.Create(BinaryData.FromObjectAsJson(new
        {
            input_file_id = input.Id, endpoint = "/v1/chat/completions", completion_window = "24h",
        }));
        CreateBatchOperation operation = await client.GetBatchClient().CreateBatchAsync(body, waitUntilCompleted: false);
        await host.EndAsync(operation.BatchId, "completed");
        await operation.UpdateStatusAsync(null);
        Assert.True(operation.HasCompleted);
        ClientResult got = await operation.GetBatchAsync(null);
        string output = JsonDocument.Parse(got.GetRawResponse().Content).RootElement.GetProperty("output_file_id").GetString()!;
        BinaryData results = await client.GetOpenAIFileClient().DownloadFileAsync(output);
        Assert.Equal(3, Encoding.UTF8.GetString(results).Count(c => c == '\n'));
        ClientResultException refused = await Assert.ThrowsAsync<ClientResultException>(() => operation.CancelAsync(null));
        Assert.Equal(409, refused.Status);
    }

    private static OpenAIClient ClientOf(StoreHost host) => new(
        new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(host.Gateway.Address, "/v1") });
}
