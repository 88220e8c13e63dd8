using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using XLLM.Cli.Hub;

namespace XLLM.Cli.Models;

/// <summary>
/// Downloads one GGUF file from an address. It gets its name when it is whole, begins as GGUF files do and has the hash that was
/// asked for; one that broke off is taken up where it ended, if the server says that it is still the same file.
/// </summary>
/// <param name="http">Without a timeout of its own.</param>
/// <param name="maxBytes">Largest file that is taken.</param>
internal sealed class ModelDownload(HttpClient http, long maxBytes)
{
    private static ReadOnlySpan<byte> Magic => "GGUF"u8;

    /// <summary>Downloads to <paramref name="path"/>; its SHA-256 in hexadecimal digits. Throws <see cref="HubException"/>.</summary>
    /// <param name="source">http or https.</param>
    /// <param name="path">The file to be.</param>
    /// <param name="sha256">What its hash must be; null = any.</param>
    /// <param name="progress">Told in bytes.</param>
    /// <param name="cancellationToken">What came so far is kept.</param>
    public async Task<string> GetAsync(
        Uri source, string path, string? sha256, IProgress<HubProgress>? progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string partial = path + ".incomplete";
        string mark = partial + ".from";
        string found;
        try
        {
            await using FileStream target = new(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            await FetchAsync(source, target, mark, Path.GetFileName(path), progress, cancellationToken);
            target.Position = 0;
            byte[] begin = new byte[Magic.Length];
            await target.ReadAtLeastAsync(begin, begin.Length, throwOnEndOfStream: false, cancellationToken);
            if (!Magic.SequenceEqual(begin))
            {
                target.SetLength(0);
                throw new HubException($"What {source} sends is no GGUF file.");
            }

            target.Position = 0;
            found = Convert.ToHexStringLower(await SHA256.HashDataAsync(target, cancellationToken));
            if (sha256 is not null && !found.Equals(sha256, StringComparison.OrdinalIgnoreCase))
            {
                target.SetLength(0);
                throw new HubException($"The file's SHA-256 is {found} and not {sha256}; it is not kept.");
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new HubException($"Downloading {source} broke off ({e.Message}). Run the command again to go on.", e);
        }

        File.Move(partial, path, overwrite: false);
        File.Delete(mark);
        return found;
    }

    private async Task FetchAsync(
        Uri source, FileStream target, string mark, string name, IProgress<HubProgress>? progress, CancellationToken cancellationToken)
    {
        // Only with a strong mark of the version can a part be known to be of the same file.
        string? version = File.Exists(mark) ? await File.ReadAllTextAsync(mark, cancellationToken) : null;
        if (target.Length > 0 && (version is null || !EntityTagHeaderValue.TryParse(version, out _)))
        {
            target.SetLength(0);
        }

        long have = target.Length;
        using HttpRequestMessage request = new(HttpMethod.Get, source);
        if (have > 0)
        {
            request.Headers.Range = new RangeHeaderValue(have, null);
            request.Headers.IfRange = new RangeConditionHeaderValue(EntityTagHeaderValue.Parse(version!));
        }

        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (have > 0 && response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
            && response.Content.Headers.ContentRange?.Length == have)
        {
            // It was whole already.
            return;
        }

        if (!response.IsSuccessStatusCode)
        {
            throw new HubException($"{source} answers {(int)response.StatusCode} {response.ReasonPhrase}.");
        }

        bool goesOn = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == have;
        if (!goesOn)
        {
            have = 0;
            target.SetLength(0);
        }

        long? total = response.Content.Headers.ContentLength + have;
        CheckRoom(source, total, have, target.Name);
        if (response.Headers.ETag is { IsWeak: false } tag)
        {
            await File.WriteAllTextAsync(mark, tag.ToString(), cancellationToken);
        }
        else
        {
            File.Delete(mark);
        }

        target.Position = have;
        await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await CopyAsync(body, target, have, total, name, progress, cancellationToken);
    }

    private void CheckRoom(Uri source, long? total, long have, string path)
    {
        if (total > maxBytes)
        {
            throw new HubException($"{source} has {total:N0} bytes; at most {maxBytes:N0} are taken (--max-bytes).");
        }

        long free = new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(path))!).AvailableFreeSpace;
        if (total - have > free)
        {
            throw new HubException($"{total - have:N0} bytes are to come, and {Path.GetDirectoryName(path)} has {free:N0} free.");
        }
    }

    private async Task CopyAsync(
        Stream body,
        FileStream target,
        long have,
        long? total,
        string name,
        IProgress<HubProgress>? progress,
        CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[1 << 18];
        progress?.Report(new HubProgress(name, have, total ?? maxBytes));
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            have += read;
            if (have > maxBytes)
            {
                target.SetLength(0);
                throw new HubException($"The file is larger than {maxBytes:N0} bytes (--max-bytes).");
            }

            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            progress?.Report(new HubProgress(name, have, total ?? maxBytes));
        }

        await target.FlushAsync(cancellationToken);
        if (have < total)
        {
            throw new IOException($"{have:N0} of {total:N0} bytes came");
        }
    }
}
