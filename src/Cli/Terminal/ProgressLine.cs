using System.Globalization;

namespace XLLM.Cli.Terminal;

/// <summary>
/// Progress of a long operation on one line of a terminal, rewritten in place; elsewhere a line at each tenth. From any thread.
/// </summary>
internal sealed class ProgressLine(TextWriter output, bool isTerminal, TimeProvider time)
{
    private const int BarWidth = 30;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private string _label = "";
    private long _started;
    private long _drawn;
    private int _tenth;

    /// <summary>Shows <paramref name="done"/> of <paramref name="total"/>; in bytes, or as a share when the total is small.</summary>
    public void Report(string label, long done, long total)
    {
        lock (_lock)
        {
            long now = time.GetTimestamp();
            if (label != _label)
            {
                EndLine();
                (_label, _started, _tenth, _drawn) = (label, now, -1, 0);
            }

            bool complete = done >= total;
            double share = total > 0 ? Math.Clamp((double)done / total, 0, 1) : 1;
            if (isTerminal)
            {
                if (complete || _drawn == 0 || time.GetElapsedTime(_drawn, now) >= Interval)
                {
                    _drawn = now;
                    int filled = (int)(share * BarWidth);
                    output.Write($"\r{label} [{new string('#', filled)}{new string('.', BarWidth - filled)}] {Text(share, done, total, now)}   ");
                    output.Flush();
                }
            }
            else if ((int)(share * 10) != _tenth)
            {
                _tenth = (int)(share * 10);
                output.WriteLine($"{label} {Text(share, done, total, now)}");
            }

            if (complete)
            {
                EndLine();
            }
        }
    }

    /// <summary>Leaves the line, so that other output starts on its own.</summary>
    public void EndLine()
    {
        lock (_lock)
        {
            if (isTerminal && _drawn != 0)
            {
                output.WriteLine();
            }

            (_label, _drawn) = ("", 0);
        }
    }

    private string Text(double share, long done, long total, long now)
    {
        string percent = share.ToString("0 %", CultureInfo.InvariantCulture);
        if (total < 1 << 16)
        {
            return percent;
        }

        double seconds = time.GetElapsedTime(_started, now).TotalSeconds;
        string speed = seconds > 0.2 ? $", {done / seconds / 1e6:0.0} MB/s" : "";
        return $"{percent} of {total / 1e6:0.0} MB{speed}";
    }
}
