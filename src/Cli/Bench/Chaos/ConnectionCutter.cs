using System.Text.RegularExpressions;
using XLLM.Cli.Bench.Peers;
using XLLM.Cli.Cluster.Processes;

namespace XLLM.Cli.Bench.Chaos;

/// <summary>Cuts TCP connections of a process from outside, by the socket diagnosis of Linux (<c>ss -K</c>, iproute2).</summary>
internal static partial class ConnectionCutter
{
    /// <summary>Null when it can be done here, else why not.</summary>
    public static string? WhyNot() =>
        Launcher.OnPath("ss") is null ? "ss (iproute2) is not installed"
        : Environment.UserName != "root" ? "only root may cut connections"
        : null;

    /// <summary>Cuts every established connection the process has.</summary>
    public static async Task CutAsync(int process, CancellationToken cancellationToken)
    {
        string all = await PeerProcess.RunAsync("ss", ["-tnpH", "state", "established"], "/", cancellationToken);
        foreach (string line in all.Split('\n').Where(l => l.Contains($"pid={process},", StringComparison.Ordinal)))
        {
            Match ends = Ends().Match(line);
            if (ends.Success)
            {
                await PeerProcess.RunAsync(
                    "ss",
                    ["-K", "src", ends.Groups[1].Value, "sport", "=", ":" + ends.Groups[2].Value, "dst", ends.Groups[3].Value, "dport", "=", ":" + ends.Groups[4].Value],
                    "/",
                    cancellationToken);
            }
        }
    }

    [GeneratedRegex(@"(\S+):(\d+)\s+(\S+):(\d+)\s+users:")]
    private static partial Regex Ends();
}
