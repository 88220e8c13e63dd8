using System.Globalization;

namespace XLLM.Cli.Bench.Limits;

/// <summary>
/// Time in which a virtual machine's cores wanted to run and the host ran others ("steal" of Linux); always 0 elsewhere.
/// </summary>
internal readonly record struct StolenTime(long Busy, long Stolen)
{
    public static StolenTime Now() => File.Exists("/proc/stat") ? Parse(File.ReadLines("/proc/stat").First()) : default;

    /// <summary>The line <c>cpu user nice system idle iowait irq softirq steal ...</c>.</summary>
    public static StolenTime Parse(string line)
    {
        long[] ticks = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)
            .Select(t => long.TryParse(t, NumberStyles.None, CultureInfo.InvariantCulture, out long n) ? n : 0)];
        return ticks.Length < 8 ? default : new StolenTime(ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6], ticks[7]);
    }

    /// <summary>Share of the time wanted since <paramref name="before"/> that was not given.</summary>
    public double ShareSince(StolenTime before)
    {
        long stolen = Stolen - before.Stolen;
        long wanted = stolen + Busy - before.Busy;
        return wanted > 0 ? (double)stolen / wanted : 0;
    }
}
