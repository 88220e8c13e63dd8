using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Files;
using XLLM.Gateway.OpenAi;
using XLLM.Gateway.Responses;
using XLLM.Gateway.Storage;

namespace XLLM.Gateway.Batches;

/// <summary>/v1/batches: create, list, get, cancel.</summary>
internal sealed class BatchesEndpoint(
    BodyReader bodies, GatewayStorage storage, BatchService service, LineRunner lines, TimeProvider time)
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 100;

    public async Task CreateAsync(HttpContext context)
    {
        BatchStore batches = storage.Batches;
        string owner = ResponseOwner.Of(context);
        BatchRequest request = await bodies.ReadAsync(context, (body, _) => BatchRequest.Parse(body, lines.Known));
        StoredFile input = storage.Files.Find(request.InputFile, owner) ?? throw ApiException.Invalid(
            "input_file_id", $"There is no file with the id '{request.InputFile}'.");
        if (input.Purpose != FilePurposes.Batch)
        {
            throw ApiException.Invalid(
                "input_file_id",
                $"The file's purpose is '{input.Purpose}'; files of batches are uploaded with '{FilePurposes.Batch}'.");
        }

        DateTimeOffset now = time.GetUtcNow();
        BatchRecord batch = new()
        {
            Id = StoredIds.New(StoredIds.Batch),
            Owner = owner,
            Created = now.ToUnixTimeSeconds(),
            Endpoint = request.Endpoint,
            InputFile = input.Id,
            Window = request.Window,
            Expires = (now + request.Length).ToUnixTimeSeconds(),
            Metadata = request.Metadata,
            OutputLifetime = request.OutputLifetime,
        };
        batches.Add(batch);
        service.Wake();
        await JsonAnswer.WriteAsync(context.Response, batch.Write);
    }

    public Task ListAsync(HttpContext context)
    {
        var query = ListQuery.Read(context.Request.Query, DefaultLimit, MaxLimit);
        (IReadOnlyList<BatchRecord> batches, bool more) = storage.Batches.List(ResponseOwner.Of(context), query)
            ?? throw ApiException.Invalid("after", "'after' is not the id of a batch.");
        return JsonAnswer.WriteAsync(
            context.Response, json => ListQuery.Write(json, batches, more, b => b.Id, b => b.Write(json)));
    }

    public Task GetAsync(HttpContext context)
    {
        BatchRecord batch = storage.Batches.Find(IdOf(context), ResponseOwner.Of(context)) ?? throw Unknown(context);
        return JsonAnswer.WriteAsync(context.Response, batch.Write);
    }

    public Task CancelAsync(HttpContext context)
    {
        BatchRecord batch = storage.Batches.Cancel(IdOf(context), ResponseOwner.Of(context)) ?? throw Unknown(context);
        if (!BatchStatus.IsOpen(batch.Status))
        {
            throw ApiException.Of(DoorErrors.InUse, $"A batch that is {batch.Status} cannot be cancelled.");
        }

        service.Wake();
        return JsonAnswer.WriteAsync(context.Response, batch.Write);
    }

    private static string IdOf(HttpContext context) => context.Request.RouteValues["id"] as string ?? "";

    private static ApiException Unknown(HttpContext context) =>
        ApiException.Of(DoorErrors.UnknownBatch, $"There is no batch with the id '{IdOf(context)}'.");
}
