using System.Reflection;
using XLLM.Cli.Bench.Peers;
using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Bench.Reports;

/// <summary>The commit that is measured.</summary>
internal static class SourceCommit
{
    private const int Short = 9;

    /// <summary>
    /// Of the working tree that <paramref name="folder"/> lies in, with <c>-dirty</c> when tracked files differ; else what the
    /// assembly was built from; else <c>unknown</c>.
    /// </summary>
    public static async Task<string> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            string commit = (await PeerProcess.RunAsync("git", ["rev-parse", $"--short={Short}", "HEAD"], folder, cancellationToken)).Trim();
            string changes = await PeerProcess.RunAsync("git", ["status", "--porcelain", "--untracked-files=no"], folder, cancellationToken);
            return changes.Trim().Length == 0 ? commit : commit + "-dirty";
        }
        catch (PeerException)
        {
            return OfAssembly();
        }
    }

    private static string OfAssembly()
    {
        string version = typeof(SourceCommit).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        int plus = version.IndexOf('+', StringComparison.Ordinal);
        return plus >= 0 && version.Length > plus + Short ? version.Substring(plus + 1, Short) : "unknown";
    }
}
