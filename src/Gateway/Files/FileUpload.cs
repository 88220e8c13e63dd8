using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Microsoft.Win32.SafeHandles;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Storage;

namespace XLLM.Gateway.Files;

/// <summary>Reads one upload (multipart/form-data, RFC 7578), its file straight to the disk. Dispose it. One thread.</summary>
internal sealed class FileUpload(DataFolder folder, GatewayOptions options) : IDisposable
{
    private const int MaxFieldBytes = 256;
    private const int MaxNameLength = 255;
    private const int BoundaryLimit = 128;
    private const int BufferBytes = 128 << 10;
    private const long ShortestLife = 3600;
    private const long LongestLife = 2_592_000;

    private string? _path;

    /// <summary>The contents, open under their temporary name; null before <see cref="ReadAsync"/>.</summary>
    public SafeFileHandle? Handle { get; private set; }

    public string Path => _path!;

    public string Name { get; private set; } = "";

    public long Bytes { get; private set; }

    public string Purpose { get; private set; } = "";

    /// <summary>Seconds from creation to expiry; null = never.</summary>
    public long? Lifetime { get; private set; }

    /// <summary>Reads the whole body.</summary>
    /// <exception cref="ApiException">It is no such form, a field is wrong, or the file is too large.</exception>
    public async Task ReadAsync(HttpRequest request, long room, CancellationToken cancelled)
    {
        string boundary = BoundaryOf(request);
        var form = new MultipartReader(boundary, request.Body) { HeadersCountLimit = 16, HeadersLengthLimit = 8 << 10 };
        Dictionary<string, string> fields = new(StringComparer.Ordinal);
        try
        {
            while (await form.ReadNextSectionAsync(cancelled) is { } section)
            {
                await ReadAsync(section, fields, room, cancelled);
            }
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw ApiException.Of(DoorErrors.BadHttp, $"The form is malformed: {exception.Message}");
        }

        Purpose = fields.GetValueOrDefault("purpose") ?? throw ApiException.Invalid("purpose", "'purpose' is required.");
        if (!FilePurposes.Uploadable.Contains(Purpose))
        {
            throw ApiException.Invalid(
                "purpose", $"'purpose' is '{Purpose}'; it must be one of {string.Join(", ", FilePurposes.Uploadable)}.");
        }

        Lifetime = ReadLifetime(fields);
        if (Handle is null)
        {
            throw ApiException.Invalid("file", "'file' is required.");
        }
    }

    public void Dispose()
    {
        Handle?.Dispose();
        if (_path is not null)
        {
            // Gone already when it became a file.
            File.Delete(_path);
        }
    }

    private static string BoundaryOf(HttpRequest request)
    {
        string? boundary = MediaTypeHeaderValue.TryParse(request.ContentType, out MediaTypeHeaderValue? type)
            && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
                ? HeaderUtilities.RemoveQuotes(type.Boundary).Value
                : null;
        return boundary is { Length: > 0 and <= BoundaryLimit }
            ? boundary
            : throw ApiException.Of(DoorErrors.WrongMediaType, "The body must be sent as Content-Type: multipart/form-data.");
    }

    private async Task ReadAsync(
        MultipartSection section, Dictionary<string, string> fields, long room, CancellationToken cancelled)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? part)
            || HeaderUtilities.RemoveQuotes(part.Name).Value is not { Length: > 0 } name)
        {
            throw ApiException.Of(DoorErrors.BadHttp, "A part of the form has no name.");
        }

        if (name == "file")
        {
            if (Handle is not null)
            {
                throw ApiException.Invalid("file", "'file' is there twice; one file can be uploaded at a time.");
            }

            Name = NameOf(part);
            await SaveAsync(section.Body, room, cancelled);
        }
        else if (!fields.TryAdd(name, await ReadFieldAsync(section.Body, name, cancelled)) || fields.Count > 16)
        {
            throw ApiException.Invalid(name, $"'{name}' is there twice, or there are too many fields.");
        }
    }

    // Shown again, and part of nothing else: what is no text becomes a sign that says so.
    private static string NameOf(ContentDispositionHeaderValue part)
    {
        string name = HeaderUtilities.RemoveQuotes(part.FileNameStar.HasValue ? part.FileNameStar : part.FileName).Value ?? "";
        if (name.Length is 0 or > MaxNameLength)
        {
            throw ApiException.Invalid("file", $"'file' must have a file name of 1 to {MaxNameLength} characters.");
        }

        var text = new StringBuilder(name.Length);
        foreach (Rune rune in name.EnumerateRunes())
        {
            text.Append(Rune.IsControl(rune) ? "\uFFFD" : rune.ToString());
        }

        return text.ToString();
    }

    private async Task SaveAsync(Stream body, long room, CancellationToken cancelled)
    {
        _path = folder.NewUpload();
        Handle = File.OpenHandle(_path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.Asynchronous);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int read;
            while ((read = await body.ReadAsync(buffer, cancelled)) > 0)
            {
                if (Bytes + read > options.MaxFileBytes)
                {
                    throw ApiException.Of(DoorErrors.TooLarge, $"The file is larger than {options.MaxFileBytes} bytes.");
                }

                if (Bytes + read > room)
                {
                    throw FileStore.OverQuota(options);
                }

                await RandomAccess.WriteAsync(Handle, buffer.AsMemory(0, read), Bytes, cancelled);
                Bytes += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<string> ReadFieldAsync(Stream body, string name, CancellationToken cancelled)
    {
        byte[] bytes = new byte[MaxFieldBytes + 1];
        int length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancelled);
        return length <= MaxFieldBytes
            ? Encoding.UTF8.GetString(bytes, 0, length)
            : throw ApiException.Invalid(name, $"'{name}' has more than {MaxFieldBytes} bytes.");
    }

    private static long? ReadLifetime(Dictionary<string, string> fields)
    {
        string? anchor = fields.GetValueOrDefault("expires_after[anchor]");
        string? text = fields.GetValueOrDefault("expires_after[seconds]");
        if (anchor is null && text is null)
        {
            return null;
        }

        if (anchor != "created_at")
        {
            throw ApiException.Invalid("expires_after.anchor", "'expires_after.anchor' must be 'created_at'.");
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            && seconds is >= ShortestLife and <= LongestLife
                ? seconds
                : throw ApiException.Invalid(
                    "expires_after.seconds",
                    $"'expires_after.seconds' must be an integer between {ShortestLife} and {LongestLife}.");
    }
}
