using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Bench.Peers;

/// <summary>What a <c>--peer</c> names: the npm package when <c>Folder</c> is null, else a build folder.</summary>
internal sealed record PeerReference(string Name, string? Folder)
{
    public const string Npm = "llama.cpp";

    private static readonly string[] Meaningless = ["bin", "build", "build-release", "release", "out"];

    /// <summary><c>llama.cpp</c>, <c>PATH</c> or <c>NAME=PATH</c>.</summary>
    /// <exception cref="PeerException">There is no such folder.</exception>
    public static PeerReference Parse(string text)
    {
        if (text == Npm)
        {
            return new PeerReference(Npm, null);
        }

        int equals = text.IndexOf('=', StringComparison.Ordinal);
        string path = Path.GetFullPath(text[(equals + 1)..]);
        if (!Directory.Exists(path))
        {
            throw new PeerException(
                $"--peer '{text}': there is no folder {path}. A peer is llama.cpp (the npm package), or PATH or NAME=PATH of a "
                + "build folder that holds llama-bench and llama-batched-bench.");
        }

        return new PeerReference(equals > 0 ? text[..equals] : NameOf(path), path);
    }

    // The last part of the path that says what was built.
    private static string NameOf(string path)
    {
        string? at = Path.TrimEndingDirectorySeparator(path);
        while (at is not null && Meaningless.Contains(Path.GetFileName(at), StringComparer.OrdinalIgnoreCase))
        {
            at = Path.GetDirectoryName(at);
        }

        return Path.GetFileName(at) is { Length: > 0 } name ? name : "peer";
    }
}
