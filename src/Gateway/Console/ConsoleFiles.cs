using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;

namespace XLLM.Gateway.Console;

/// <summary>The console's files, which are part of this assembly: nothing is read from a disk, so no path can lead out of them.</summary>
internal static class ConsoleFiles
{
    private const string Prefix = "console/";

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, ConsoleFile> Files = Read().ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Names of all files.</summary>
    public static IEnumerable<string> Names => Files.Keys;

    /// <summary>The file of this name; null = there is none.</summary>
    public static ConsoleFile? Find(string name) => Files.GetValueOrDefault(name);

    private static Dictionary<string, ConsoleFile> Read()
    {
        Assembly assembly = typeof(ConsoleFiles).Assembly;
        Dictionary<string, ConsoleFile> files = [];
        foreach (string resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using Stream stream = assembly.GetManifestResourceStream(resource)!;
            byte[] content = new byte[stream.Length];
            stream.ReadExactly(content);
            string tag = '"' + Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 12)) + '"';
            files.Add(resource[Prefix.Length..], new ConsoleFile(Types[Path.GetExtension(resource)], content, tag));
        }

        return files;
    }
}
