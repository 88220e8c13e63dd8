using System.Globalization;

namespace XLLM.Cli.Bench.Serve;

/// <summary>What a request must keep to count in goodput; in seconds, null = not asked.</summary>
internal sealed record ServiceLevels(double? Ttft, double? Tpot, double? Total)
{
    public bool Any => Ttft is not null || Tpot is not null || Total is not null;

    /// <summary>e.g. <c>ttft:500</c>, <c>tpot:50</c>, <c>e2el:3000</c>, in milliseconds, several separated by commas or spaces.</summary>
    /// <exception cref="ArgumentException">A part is none of these.</exception>
    public static ServiceLevels Parse(IEnumerable<string> texts)
    {
        ServiceLevels levels = new(null, null, null);
        foreach (string text in texts.SelectMany(t => t.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)))
        {
            string[] parts = text.Split(':');
            double seconds = parts.Length == 2 && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double ms) && ms > 0
                ? ms / 1000
                : 0;
            levels = (parts[0], seconds) switch
            {
                ("ttft", > 0) => levels with { Ttft = seconds },
                ("tpot", > 0) => levels with { Tpot = seconds },
                ("e2el", > 0) => levels with { Total = seconds },
                _ => throw new ArgumentException($"--goodput has '{text}'; it must be ttft:MS, tpot:MS or e2el:MS, e.g. ttft:500,tpot:50."),
            };
        }

        return levels;
    }

    public bool Meets(RequestRecord request) => request.Error is null
        && (Ttft is not { } ttft || request.Ttft <= ttft)
        && (Tpot is not { } tpot || !(request.Tpot > tpot))
        && (Total is not { } total || request.Total <= total);
}
