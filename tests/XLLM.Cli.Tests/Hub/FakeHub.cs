using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using XLLM.Cli.Hub;

namespace XLLM.Cli.Tests.Hub;

/// <summary>A hub on loopback that speaks what HubClient asks for, with range requests and a cache folder of its own.</summary>
internal sealed class FakeHub : IAsyncDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly WebApplication _app;
    private readonly Dictionary<string, byte[]> _files = [];

    private FakeHub(WebApplication app)
    {
        _app = app;
        CacheFolder = Directory.CreateTempSubdirectory("xllm-hub-").FullName;
    }

    public string CacheFolder { get; }

    public Uri Address { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Bytes after which a body is cut off; null = never.</summary>
    public int? CutAfter { get; set; }

    /// <summary>Flips a bit of every large file on its way out.</summary>
    public bool Damage { get; set; }

    public List<string> Ranges { get; } = [];

    public int FileRequests { get; private set; }

    public static async Task<FakeHub> StartAsync(params (string Name, byte[] Content)[] files)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        WebApplication app = builder.Build();
        FakeHub hub = new(app);
        foreach ((string name, byte[] content) in files)
        {
            hub._files[name] = content;
        }

        app.MapGet("/api/models/{owner}/{name}/revision/{revision}", hub.IndexAsync);
        app.MapGet("/{owner}/{name}/resolve/{revision}/{**file}", hub.FileAsync);
        await app.StartAsync();
        hub.Address = new Uri(app.Urls.First() + "/");
        return hub;
    }

    public HubClient Client(Uri? address = null) => new(new HttpClient(), new HubCache(CacheFolder), address ?? Address);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(CacheFolder, recursive: true);
    }

    private static bool IsLarge(string name) => name.EndsWith(".safetensors") || name.EndsWith(".gguf");

    private IResult IndexAsync(string owner, string name)
    {
        if (name == "absent")
        {
            return Results.NotFound();
        }

        var siblings = _files.Select(f => IsLarge(f.Key)
            ? (object)new
            {
                rfilename = f.Key,
                size = f.Value.Length,
                blobId = new string('0', 40),
                lfs = new { sha256 = Convert.ToHexStringLower(SHA256.HashData(f.Value)), size = f.Value.Length },
            }
            : new { rfilename = f.Key, size = f.Value.Length, blobId = GitHash(f.Value) });
        return Results.Json(new { sha = Commit, siblings });
    }

    private async Task FileAsync(HttpContext context, string file)
    {
        FileRequests++;
        byte[] content = [.. _files[file]];
        if (Damage && IsLarge(file))
        {
            content[0] ^= 1;
        }

        int from = 0;
        if (context.Request.Headers.Range is [{ } range])
        {
            Ranges.Add(range);
            from = int.Parse(range["bytes=".Length..].TrimEnd('-'));
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
        }

        int end = CutAfter is { } cut && IsLarge(file) ? Math.Min(content.Length, from + cut) : content.Length;
        if (end == content.Length)
        {
            // A body that is cut is sent in chunks and ended in good order: an abort could take back bytes already sent.
            context.Response.ContentLength = content.Length - from;
        }

        await context.Response.Body.WriteAsync(content.AsMemory(from, end - from));
    }

    private static string GitHash(byte[] content) =>
        Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));
}
