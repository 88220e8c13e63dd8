using System.Reflection;
using XLLM.Cli.Bench.Peers;
using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Bench.Reports;

/// <summary>The source tree that this program was built in, if it is still there.</summary>
internal static class SourceTree
{
    private const int ShortHash = 9;

    /// <summary>The folder above the program that holds the solution; null when there is none.</summary>
    public static string? Root()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "XLLM.Orleans.sln")))
            {
                return at.FullName;
            }
        }

        return null;
    }

    /// <summary>
    /// The tree's commit, with <c>-dirty</c> when tracked files differ; else what the assembly was built from; else <c>unknown</c>.
    /// </summary>
    public static async Task<string> CommitAsync(CancellationToken cancellationToken)
    {
        if (Root() is not { } root)
        {
            return OfAssembly();
        }

        try
        {
            string commit = (await PeerProcess.RunAsync("git", ["rev-parse", $"--short={ShortHash}", "HEAD"], root, cancellationToken)).Trim();
            string changes = await PeerProcess.RunAsync("git", ["status", "--porcelain", "--untracked-files=no"], root, cancellationToken);
            return changes.Trim().Length == 0 ? commit : commit + "-dirty";
        }
        catch (PeerException)
        {
            return OfAssembly();
        }
    }

    private static string OfAssembly()
    {
        string version = typeof(SourceTree).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        int plus = version.IndexOf('+', StringComparison.Ordinal);
        return plus >= 0 && version.Length > plus + ShortHash ? version.Substring(plus + 1, ShortHash) : "unknown";
    }
}
