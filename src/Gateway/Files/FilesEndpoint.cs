using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Win32.SafeHandles;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi;
using XLLM.Gateway.Responses;
using XLLM.Gateway.Storage;

namespace XLLM.Gateway.Files;

/// <summary>/v1/files: upload, list, get, content, delete.</summary>
internal sealed class FilesEndpoint(GatewayStorage storage, GatewayOptions options, TimeProvider time)
{
    private const int MaxLimit = 10_000;

    // Fields and boundaries beside the file itself.
    private const int FormBytes = 64 << 10;

    public async Task CreateAsync(HttpContext context)
    {
        FileStore files = storage.Files;
        string owner = ResponseOwner.Of(context);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = options.MaxFileBytes + FormBytes;
        }

        using var upload = new FileUpload(storage.Folder!, options);
        await upload.ReadAsync(context.Request, files.RoomOf(owner), context.RequestAborted);
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        var file = new StoredFile
        {
            Id = StoredIds.New(StoredIds.File),
            Owner = owner,
            Created = now,
            Expires = now + upload.Lifetime,
            Bytes = upload.Bytes,
            Name = upload.Name,
            Purpose = upload.Purpose,
        };
        files.Add(file, upload.Handle!, upload.Path);
        await JsonAnswer.WriteAsync(context.Response, file.Write);
    }

    public Task ListAsync(HttpContext context)
    {
        var query = ListQuery.Read(context.Request.Query, MaxLimit, MaxLimit);
        (IReadOnlyList<StoredFile> files, bool more) =
            storage.Files.List(ResponseOwner.Of(context), context.Request.Query["purpose"].FirstOrDefault(), query)
            ?? throw ApiException.Invalid("after", "'after' is not the id of a file.");
        return JsonAnswer.WriteAsync(context.Response, json => ListQuery.Write(json, files, more, f => f.Id, f => f.Write(json)));
    }

    public Task GetAsync(HttpContext context) => JsonAnswer.WriteAsync(context.Response, Find(context).Write);

    public async Task ContentAsync(HttpContext context)
    {
        StoredFile file = Find(context);
        HttpResponse response = context.Response;
        using SafeFileHandle handle = OpenRead(file.Id);
        await using var content = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        response.ContentType = "application/octet-stream";
        response.ContentLength = RandomAccess.GetLength(handle);
        // Never shown by a browser as a page of this origin.
        response.Headers.ContentDisposition = $"attachment; filename=\"{file.Id}\"";
        response.Headers.XContentTypeOptions = "nosniff";
        await content.CopyToAsync(response.Body, 128 << 10, context.RequestAborted);
    }

    public Task DeleteAsync(HttpContext context)
    {
        string id = IdOf(context);
        if (!storage.Files.Remove(id, ResponseOwner.Of(context)))
        {
            throw Unknown(id);
        }

        return JsonAnswer.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteString("object", "file");
            json.WriteBoolean("deleted", true);
            json.WriteEndObject();
        });
    }

    private StoredFile Find(HttpContext context) =>
        storage.Files.Find(IdOf(context), ResponseOwner.Of(context)) ?? throw Unknown(IdOf(context));

    private SafeFileHandle OpenRead(string id)
    {
        try
        {
            return storage.Files.OpenRead(id);
        }
        catch (FileNotFoundException)
        {
            // Deleted between the two looks.
            throw Unknown(id);
        }
    }

    private static string IdOf(HttpContext context) => context.Request.RouteValues["id"] as string ?? "";

    private static ApiException Unknown(string id) =>
        ApiException.Of(DoorErrors.UnknownFile, $"There is no file with the id '{id}'.");
}
