using System.Globalization;

namespace XLLM.Cli.Bench.Failover;

/// <summary>What request grains of a gateway have done about lost instances, from its /metrics.</summary>
/// <param name="Recovered">Requests under way that went on elsewhere.</param>
/// <param name="Replanned">Starts that failed and were planned anew.</param>
internal readonly record struct Moves(long Recovered, long Replanned)
{
    private const string RecoveredName = "xllm:requests_recovered_total";
    private const string ReplannedName = "xllm:requests_replanned_total";

    public static Moves operator -(Moves left, Moves right) => new(left.Recovered - right.Recovered, left.Replanned - right.Replanned);

    /// <summary>Reads the page of <paramref name="gateway"/>.</summary>
    public static async Task<Moves> ReadAsync(HttpClient http, Uri gateway, CancellationToken cancellationToken)
    {
        string[] lines = (await http.GetStringAsync(new Uri(gateway, "metrics"), cancellationToken)).Split('\n');
        return new Moves(Sum(lines, RecoveredName, "way=\"none\""), Sum(lines, ReplannedName, null));
    }

    private static long Sum(string[] lines, string name, string? without) => lines
        .Where(l => l.StartsWith(name, StringComparison.Ordinal) && (without is null || !l.Contains(without, StringComparison.Ordinal)))
        .Sum(l => (long)double.Parse(l.AsSpan(l.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture));
}
