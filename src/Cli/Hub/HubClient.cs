using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace XLLM.Cli.Hub;

/// <summary>
/// Downloads models from a Hugging Face hub into its cache. Every file is checked against the hash the hub lists before it
/// gets its name; a broken download is taken up where it ended.
/// </summary>
public sealed class HubClient(HttpClient http, HubCache cache, Uri endpoint)
{
    private const long MaxIndexBytes = 32 << 20;

    /// <summary>Endpoint HF_ENDPOINT (default https://huggingface.co), token HF_TOKEN.</summary>
    public static HubClient FromEnvironment()
    {
        HttpClient http = new() { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("xllm", "0.1"));
        if (Environment.GetEnvironmentVariable("HF_TOKEN") is { Length: > 0 } token)
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        string endpoint = Environment.GetEnvironmentVariable("HF_ENDPOINT") is { Length: > 0 } named ? named : "https://huggingface.co";
        return new HubClient(http, HubCache.FromEnvironment(), new Uri(endpoint.TrimEnd('/') + "/"));
    }

    /// <summary>
    /// Path of the model: a folder, or one GGUF file. Asks the hub and downloads what is not cached; without a network a
    /// complete cached copy is used. Throws <see cref="HubException"/>.
    /// </summary>
    public async Task<string> GetAsync(
        HubReference reference, bool offline, IProgress<HubProgress>? progress, CancellationToken cancellationToken)
    {
        if (offline)
        {
            return FindCached(reference) ?? throw new HubException(
                $"HF_HUB_OFFLINE is set and {reference} is not in the cache {cache.Root}. Unset it, or give a path.");
        }

        HubIndex index;
        try
        {
            index = await ReadIndexAsync(reference, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            return FindCached(reference) ?? throw new HubException(
                $"Cannot reach {endpoint} ({e.Message}), and {reference} is not in the cache {cache.Root}. "
                + "Check the network (HF_ENDPOINT names another hub), or give the path of a GGUF file or a Hugging Face folder.", e);
        }

        IReadOnlyList<HubFile> files = HubSelection.Choose(reference, index);
        CheckRoom(reference, files);
        foreach (HubFile file in files)
        {
            await DownloadAsync(reference, index.Commit, file, progress, cancellationToken);
            cache.Link(reference.Repository, index.Commit, file);
        }

        // Written last: a revision in refs means a snapshot whose files are all there.
        cache.WriteRef(reference.Repository, reference.Revision, index.Commit);
        return PathOf(reference, index.Commit, files);
    }

    private string PathOf(HubReference reference, string commit, IReadOnlyList<HubFile> files) =>
        files is [{ } only] && only.Name.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
            ? Path.Combine(cache.Snapshot(reference.Repository, commit), only.Name)
            : cache.Snapshot(reference.Repository, commit);

    private string? FindCached(HubReference reference)
    {
        if (cache.ReadRef(reference.Repository, reference.Revision) is not { } commit)
        {
            return null;
        }

        string snapshot = cache.Snapshot(reference.Repository, commit);
        if (!Directory.Exists(snapshot))
        {
            return null;
        }

        string[] ggufs = [.. Directory.EnumerateFiles(snapshot, "*.gguf").Where(f => reference.Selector is null
            || Path.GetFileName(f).Contains(reference.Selector, StringComparison.OrdinalIgnoreCase))];
        bool folder = File.Exists(Path.Combine(snapshot, "config.json"));
        return reference.Selector is null && folder ? snapshot : ggufs.Length == 1 ? ggufs[0] : null;
    }

    private async Task<HubIndex> ReadIndexAsync(HubReference reference, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        Uri uri = new(endpoint, $"api/models/{reference.Repository}/revision/{reference.Revision}?blobs=true");
        try
        {
            using HttpResponseMessage response = await http.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            switch (response.StatusCode)
            {
                case HttpStatusCode.NotFound:
                    throw new HubException($"{endpoint} has no model {reference.Repository} at revision {reference.Revision}.");
                case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden:
                    throw new HubException(
                        $"{endpoint} refuses {reference.Repository}: it does not exist, or is gated or private. Accept its terms there and set HF_TOKEN.");
            }

            response.EnsureSuccessStatusCode();
            if (response.Content.Headers.ContentLength > MaxIndexBytes)
            {
                throw new HubException($"The hub's index of {reference.Repository} is larger than {MaxIndexBytes >> 20} MiB.");
            }

            await using Stream body = await response.Content.ReadAsStreamAsync(limit.Token);
            using JsonDocument json = await JsonDocument.ParseAsync(body, cancellationToken: limit.Token);
            return HubIndex.Parse(json);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException("no answer within 30 s");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new HubException($"The answer of {uri} is not a model index: {e.Message}", e);
        }
    }

    private void CheckRoom(HubReference reference, IReadOnlyList<HubFile> files)
    {
        long needed = files.Where(f => !File.Exists(cache.Blob(reference.Repository, f.Hash))).Sum(f => f.Size);
        Directory.CreateDirectory(cache.Root);
        long free = new DriveInfo(Path.GetFullPath(cache.Root)).AvailableFreeSpace;
        if (needed > free)
        {
            throw new HubException($"{reference} needs {needed:N0} bytes in {cache.Root}, which has {free:N0} free.");
        }
    }

    private async Task DownloadAsync(
        HubReference reference, string commit, HubFile file, IProgress<HubProgress>? progress, CancellationToken cancellationToken)
    {
        string blob = cache.Blob(reference.Repository, file.Hash);
        if (File.Exists(blob) && new FileInfo(blob).Length == file.Size)
        {
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        string partial = blob + ".incomplete";
        string path = string.Join('/', file.Name.Split('/').Select(Uri.EscapeDataString));
        Uri uri = new(endpoint, $"{reference.Repository}/resolve/{commit}/{path}");
        try
        {
            await using FileStream target = new(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            using BlobHash hash = new(file);
            long have = await hash.TakeUpAsync(target, cancellationToken);
            using HttpRequestMessage request = new(HttpMethod.Get, uri);
            if (have > 0)
            {
                request.Headers.Range = new RangeHeaderValue(have, null);
            }

            if (have < file.Size || file.Size == 0)
            {
                using HttpResponseMessage response = await http.SendAsync(
                    request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                response.EnsureSuccessStatusCode();
                if (have > 0 && response.StatusCode != HttpStatusCode.PartialContent)
                {
                    have = 0;
                    target.SetLength(0);
                    hash.Restart();
                }

                await using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
                await CopyAsync(body, target, hash, file, have, progress, cancellationToken);
            }

            string found = hash.Finish();
            if (found != file.Hash)
            {
                target.SetLength(0);
                throw new HubException($"{file.Name} arrived damaged: its hash is {found}, the hub lists {file.Hash}. Try again.");
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new HubException($"Downloading {file.Name} of {reference.Repository} broke off ({e.Message}). Run the command again to go on.", e);
        }

        File.Move(partial, blob, overwrite: true);
    }

    private static async Task CopyAsync(
        Stream body, FileStream target, BlobHash hash, HubFile file, long have, IProgress<HubProgress>? progress,
        CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[1 << 18];
        progress?.Report(new HubProgress(file.Name, have, file.Size));
        int read;
        while ((read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            have += read;
            if (have > file.Size)
            {
                throw new HubException($"{file.Name} is longer than the {file.Size:N0} bytes the hub lists.");
            }

            hash.Append(buffer.AsSpan(0, read));
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            progress?.Report(new HubProgress(file.Name, have, file.Size));
        }

        if (have < file.Size)
        {
            throw new IOException($"{have:N0} of {file.Size:N0} bytes came");
        }
    }
}
