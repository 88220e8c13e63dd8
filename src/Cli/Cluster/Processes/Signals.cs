using System.Globalization;

namespace XLLM.Cli.Cluster.Processes;

/// <summary>Signals by number and name.</summary>
internal static class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    private static readonly Dictionary<string, int> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["HUP"] = 1, ["INT"] = 2, ["QUIT"] = 3, ["ABRT"] = 6, ["KILL"] = Kill, ["SEGV"] = 11, ["TERM"] = Terminate,
        ["CONT"] = 18, ["STOP"] = 19,
    };

    /// <summary><c>9</c>, <c>KILL</c> or <c>SIGKILL</c>. Throws <see cref="ArgumentException"/> for others.</summary>
    public static int Parse(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= 31)
        {
            return number;
        }

        string name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;
        return Names.TryGetValue(name, out int known)
            ? known
            : throw new ArgumentException($"--signal is '{text}'; it must be 1..31 or one of {string.Join(", ", Names.Keys)}.");
    }
}
