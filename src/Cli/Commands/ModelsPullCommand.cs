using System.CommandLine;
using System.Net;
using System.Net.Http.Headers;
using XLLM.Cli.Hub;
using XLLM.Cli.Models;
using XLLM.Cli.Terminal;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm models pull</c>: from the hub into its cache, or from any address into the folder of models.</summary>
internal static class ModelsPullCommand
{
    private const long DefaultMaxBytes = 1L << 40;

    public static Command Create()
    {
        Argument<string> what = new("MODEL") 
        {
            Description = "hub name (owner/name[@revision][:part of a GGUF file's name]) or the address of a GGUF file",
        };
        Option<string?> name = new("--name") 
        {
            Description = "name to keep a file of an address under; default: the last part of the address",
        };
        Option<string?> sha256 = new("--sha256") { Description = "what the file's SHA-256 must be (addresses)" };
        Option<long> maxBytes = new("--max-bytes") 
        {
            Description = "largest file that is taken (addresses)", DefaultValueFactory = _ => DefaultMaxBytes,
        };
        Command command = new("pull", "Download a model; one that broke off is taken up where it ended.") { what, name, sha256, maxBytes };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            string model = parse.GetValue(what)!;
            ProgressLine line = new(Console.Error, !Console.IsErrorRedirected, TimeProvider.System);
            if (!model.Contains("://", StringComparison.Ordinal))
            {
                (string known, string path) = await ModelOption.PullAsync(model, cancel);
                Console.WriteLine($"{known} is at {path}");
                return 0;
            }

            Uri source = Check(model, parse.GetValue(sha256));
            string file = ModelFolder.FromEnvironment().PathOf(parse.GetValue(name) ?? NameOf(source));
            if (File.Exists(file))
            {
                throw new ArgumentException(
                    $"{file} is there already; choose another --name, or remove it: "
                    + $"xllm models remove {Path.GetFileNameWithoutExtension(file)}.");
            }

            using HttpClient http = new() { Timeout = Timeout.InfiniteTimeSpan };
            http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("xllm", "0.1"));
            string hash = await new ModelDownload(http, parse.GetValue(maxBytes)).GetAsync(
                source, file, parse.GetValue(sha256), new ModelOption.Relay(line), cancel);
            line.EndLine();
            Console.WriteLine($"{Path.GetFileNameWithoutExtension(file)} is at {file}, SHA-256 {hash}");
            return 0;
        }));
        return command;
    }

    /// <summary>The address, if it may be downloaded from. Throws <see cref="ArgumentException"/>.</summary>
    internal static Uri Check(string address, string? sha256)
    {
        if (sha256 is not null && (sha256.Length != 64 || !sha256.All(char.IsAsciiHexDigit)))
        {
            throw new ArgumentException($"--sha256 takes 64 hexadecimal digits, not '{sha256}'.");
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? source) || source.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException($"'{address}' is no http or https address.");
        }

        if (source.UserInfo.Length > 0)
        {
            throw new ArgumentException("An address with a password in it is not taken: it would be in logs and in the shell's history.");
        }

        // Anybody on the way can change what comes over plain HTTP.
        return source.Scheme == "https" || sha256 is not null || source.IsLoopback
            ? source
            : throw new ArgumentException($"{source} is not https: give the file's hash with --sha256, or an https address.");
    }

    private static string NameOf(Uri source)
    {
        string last = WebUtility.UrlDecode(source.Segments[^1]);
        return last.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase) && ModelFolder.IsName(last)
            ? last
            : throw new ArgumentException($"'{last}' is no name of a GGUF file; give one with --name.");
    }
}
