using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using XLLM.Cli.Commands;
using XLLM.Cli.Hub;
using XLLM.Cli.Models;

namespace XLLM.Cli.Tests.Models;

/// <summary>GGUF files from any address, from a server on the loopback.</summary>
public sealed class ModelDownloadTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("xllm-models-").FullName;
    private readonly byte[] _content = new byte[100_000];
    private readonly List<string> _ranges = [];
    private WebApplication? _app;
    private string? _tag = "\"one\"";
    private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _hidesLength;
    private int? _breakAfter;

    private string Hash => Convert.ToHexStringLower(SHA256.HashData(_content));

    private string Target => Path.Combine(_folder, "m.gguf");

    private Uri Source => new(_app!.Urls.First() + "/files/m.gguf");

    public async Task InitializeAsync()
    {
        new Random(3).NextBytes(_content);
        "GGUF"u8.CopyTo(_content);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.MapGet("/files/{name}", ServeAsync);
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _app!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_file_lands_under_its_name_with_its_hash()
    {
        List<HubProgress> progress = [];
        Assert.Equal(Hash, await Download().GetAsync(Source, Target, Hash.ToUpperInvariant(), new Recorder(progress), default));
        Assert.Equal(_content, await File.ReadAllBytesAsync(Target));
        Assert.Equal([Target], Directory.GetFiles(_folder));
        Assert.Equal(_content.Length, progress[^1].Done);
        Assert.Equal(_content.Length, progress[^1].Total);
    }

    [Fact]
    public async Task One_that_broke_off_goes_on_where_it_ended()
    {
        await BreakAsync();
        Assert.Equal(Hash, await Download().GetAsync(Source, Target, null, null, default));
        Assert.Equal(["bytes=60000-"], _ranges);
        Assert.Equal(_content, await File.ReadAllBytesAsync(Target));
    }

    [Fact]
    public async Task Another_version_of_the_file_begins_anew()
    {
        await BreakAsync();
        _tag = "\"two\"";
        _content[70_000] ^= 1;
        _content[7] ^= 1;
        Assert.Equal(Hash, await Download().GetAsync(Source, Target, null, null, default));
    }

    [Fact]
    public async Task Without_a_mark_of_the_version_nothing_is_taken_up()
    {
        _tag = null;
        await BreakAsync();
        Assert.Equal(Hash, await Download().GetAsync(Source, Target, null, null, default));
        Assert.Empty(_ranges);
    }

    [Fact]
    public async Task A_wrong_hash_another_kind_of_file_and_one_too_large_are_not_kept()
    {
        HubException wrong = await Assert.ThrowsAsync<HubException>(() => Download().GetAsync(Source, Target, new string('0', 64), null, default));
        Assert.Contains(Hash, wrong.Message);
        HubException large = await Assert.ThrowsAsync<HubException>(() => Download(50_000).GetAsync(Source, Target, null, null, default));
        Assert.Contains("100,000 bytes", large.Message);
        _content[0] = (byte)'<';
        HubException page = await Assert.ThrowsAsync<HubException>(() => Download().GetAsync(Source, Target, null, null, default));
        Assert.Contains("no GGUF file", page.Message);
        HubException absent = await Assert.ThrowsAsync<HubException>(
            () => Download().GetAsync(new Uri(Source, "/other"), Target, null, null, default));
        Assert.Contains("404", absent.Message);
        Assert.False(File.Exists(Target));
        Assert.All(Directory.GetFiles(_folder, "*.incomplete"), f => Assert.Equal(0, new FileInfo(f).Length));
    }

    [Fact]
    public async Task A_body_without_a_length_that_grows_too_large_is_stopped()
    {
        _hidesLength = true;
        HubException large = await Assert.ThrowsAsync<HubException>(() => Download(50_000).GetAsync(Source, Target, null, null, default));
        Assert.Contains("--max-bytes", large.Message);
    }

    [Theory]
    [InlineData("ftp://example.org/m.gguf", null)]
    [InlineData("http://example.org/m.gguf", null)]
    [InlineData("https://user:word@example.org/m.gguf", null)]
    [InlineData("https://example.org/m.gguf", "00")]
    [InlineData("://", null)]
    public void An_address_that_cannot_be_trusted_is_refused(string address, string? hash) =>
        Assert.Throws<ArgumentException>(() => ModelsPullCommand.Check(address, hash));

    [Fact]
    public void Plain_http_is_taken_with_a_hash_or_from_this_machine()
    {
        Assert.Equal("http", ModelsPullCommand.Check("http://example.org/m.gguf", Hash).Scheme);
        Assert.Equal("http", ModelsPullCommand.Check("http://127.0.0.1/m.gguf", null).Scheme);
        Assert.Equal("https", ModelsPullCommand.Check("https://example.org/m.gguf", null).Scheme);
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("a b")]
    public void A_name_that_leaves_the_folder_is_none(string name)
    {
        ModelFolder folder = new(_folder);
        Assert.Throws<ArgumentException>(() => folder.PathOf(name));
        Assert.Null(folder.Find(name));
    }

    [Fact]
    public async Task Models_are_listed_found_and_removed()
    {
        ModelFolder folder = new(_folder);
        await Download().GetAsync(Source, Target, null, null, default);
        await File.WriteAllTextAsync(Path.Combine(_folder, "half.gguf.incomplete"), "x");
        string cache = Path.Combine(_folder, "hub");
        string blobs = Path.Combine(cache, "models--owner--name--x", "blobs");
        Directory.CreateDirectory(blobs);
        Directory.CreateDirectory(Path.Combine(cache, "models--owner--name--x", "refs"));
        await File.WriteAllTextAsync(Path.Combine(blobs, "0"), "1234");
        LocalModels models = new(new HubCache(cache), folder);

        Assert.Equal(
            [("half", "folder", 1L, false), ("m", "folder", 100_000L, true), ("owner/name--x", "hub", 4L, true)],
            models.List().Select(m => (m.Name, m.Source, m.Bytes, m.IsWhole)));
        Assert.Equal(Target, folder.Find("m"));
        LocalModels.Remove(models.Find("m.gguf")!);
        LocalModels.Remove(models.Find("half")!);
        LocalModels.Remove(models.Find("owner/name--x")!);
        Assert.Empty(models.List());
        Assert.Null(models.Find("../hub"));
        Assert.True(Directory.Exists(cache));
    }

    private static ModelDownload Download(long maxBytes = 1 << 30) => new(new HttpClient(), maxBytes);

    // The server breaks off once the client has so much: what was only sent could be lost with the connection.
    private async Task BreakAsync()
    {
        _breakAfter = 60_000;
        HubException broken = await Assert.ThrowsAsync<HubException>(
            () => Download().GetAsync(Source, Target, Hash, new Watcher(60_000, _arrived), default));
        Assert.Contains("broke off", broken.Message);
        Assert.Equal(60_000, new FileInfo(Target + ".incomplete").Length);
        _breakAfter = null;
    }

    private async Task ServeAsync(HttpContext context)
    {
        int from = 0;
        if (context.Request.Headers.Range is [{ } range])
        {
            _ranges.Add(range);
            if (context.Request.Headers.IfRange == _tag)
            {
                from = int.Parse(range["bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture);
                context.Response.StatusCode = StatusCodes.Status206PartialContent;
                context.Response.Headers.ContentRange = $"bytes {from}-{_content.Length - 1}/{_content.Length}";
            }
        }

        context.Response.Headers.ETag = _tag;
        if (!_hidesLength)
        {
            context.Response.ContentLength = _content.Length - from;
        }

        await context.Response.Body.WriteAsync(_content.AsMemory(from..(_breakAfter ?? _content.Length)));
        if (_breakAfter is not null)
        {
            await context.Response.Body.FlushAsync();
            await _arrived.Task;
            context.Abort();
        }
    }

    private sealed class Watcher(long wanted, TaskCompletionSource arrived) : IProgress<HubProgress>
    {
        public void Report(HubProgress value)
        {
            if (value.Done >= wanted)
            {
                arrived.TrySetResult();
            }
        }
    }

    private sealed class Recorder(List<HubProgress> list) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) => list.Add(value);
    }
}
