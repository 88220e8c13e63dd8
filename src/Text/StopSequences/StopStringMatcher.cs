namespace XLLM.Text.StopSequences;

/// <summary>
/// Looks for stop strings in a text that comes in chunks, and holds back the longest end of the text that a stop string may
/// begin with. The stop string that is complete first wins, of several complete at once the longest; so the chunks' borders
/// change nothing. Time is linear in the text times the number of stop strings. Not thread-safe.
/// </summary>
public sealed class StopStringMatcher
{
    private readonly PrefixAutomaton[] _stops;
    private readonly bool _include;
    private string _held = "";

    /// <param name="stops">Stop strings, none of them empty.</param>
    /// <param name="includeStop">Whether the stop string is given out with the text.</param>
    /// <exception cref="ArgumentException">A stop string is empty.</exception>
    public StopStringMatcher(IEnumerable<string> stops, bool includeStop = false)
    {
        ArgumentNullException.ThrowIfNull(stops);
        string[] distinct = [.. stops.Distinct(StringComparer.Ordinal)];
        if (distinct.Any(string.IsNullOrEmpty))
        {
            throw new ArgumentException("A stop string is empty; each must have at least one character.", nameof(stops));
        }

        _stops = [.. distinct.Select(s => new PrefixAutomaton(s))];
        _include = includeStop;
    }

    /// <summary>The stop string that was found, or null.</summary>
    public string? Found { get; private set; }

    /// <summary>Adds a chunk and returns what may be given out; what follows a stop string in the chunk is dropped.</summary>
    /// <exception cref="InvalidOperationException">A stop string was found before.</exception>
    public StopMatch Append(string chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        if (Found is not null)
        {
            throw new InvalidOperationException($"The text has ended with the stop string \"{Found}\".");
        }

        for (int i = 0; i < chunk.Length; i++)
        {
            foreach (PrefixAutomaton stop in _stops)
            {
                if (stop.Advance(chunk[i]) && (Found is null || stop.Text.Length > Found.Length))
                {
                    Found = stop.Text;
                }
            }

            if (Found is not null)
            {
                string text = _held + chunk[..(i + 1)];
                _held = "";
                return new StopMatch(_include ? text : text[..^Found.Length], Found);
            }
        }

        string all = _held + chunk;
        int held = 0;
        foreach (PrefixAutomaton stop in _stops)
        {
            held = Math.Max(held, stop.Matched);
        }

        _held = all[^held..];
        return new StopMatch(all[..^held], null);
    }

    /// <summary>The text is over: what was held back.</summary>
    public string Complete()
    {
        string text = _held;
        _held = "";
        return text;
    }
}
