using System.Collections.Immutable;

namespace XLLM.Gateway.Streaming;

/// <summary>
/// Lets text through up to the first stop string, whatever the borders between its pieces. Only as much is held back as could
/// be the beginning of a stop string. When several end at once, the one that began first wins. One thread.
/// </summary>
internal sealed class StopStringFilter(ImmutableArray<string> stops, bool includeStop)
{
    private string _held = "";

    /// <summary>The stop string that was found; null while none was.</summary>
    public string? Hit { get; private set; }

    /// <summary>Takes text; returns what may go out. After a hit nothing more goes out.</summary>
    public string Append(string text)
    {
        if (Hit is not null || text.Length == 0)
        {
            return "";
        }

        if (stops.IsEmpty)
        {
            return text;
        }

        string all = _held.Length == 0 ? text : _held + text;
        (int at, string? stop) = FindFirst(all);
        if (stop is not null)
        {
            Hit = stop;
            _held = "";
            return all[..(includeStop ? at + stop.Length : at)];
        }

        int keep = HoldBack(all);
        _held = keep == 0 ? "" : all[^keep..];
        return keep == 0 ? all : all[..^keep];
    }

    /// <summary>Takes text in which no stop string counts, after what is held.</summary>
    public string Pass(string text)
    {
        string all = _held + text;
        _held = "";
        return all;
    }

    /// <summary>What was held back and never became a stop string.</summary>
    public string Finish() => Hit is null ? Pass("") : "";

    // The hit that ends first is the one a reader of single characters would see; of those, the longest.
    private (int At, string? Stop) FindFirst(string text)
    {
        int bestEnd = int.MaxValue;
        (int At, string? Stop) best = (-1, null);
        foreach (string stop in stops)
        {
            int at = text.IndexOf(stop, StringComparison.Ordinal);
            int end = at + stop.Length;
            if (at >= 0 && (end < bestEnd || (end == bestEnd && at < best.At)))
            {
                best = (at, stop);
                bestEnd = end;
            }
        }

        return best;
    }

    private int HoldBack(string text)
    {
        int longest = 0;
        foreach (string stop in stops)
        {
            for (int length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                {
                    longest = length;
                }
            }
        }

        return longest;
    }
}
