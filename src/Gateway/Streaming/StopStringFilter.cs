using System.Collections.Immutable;
using XLLM.Text.StopSequences;

namespace XLLM.Gateway.Streaming;

/// <summary>
/// Lets text through up to the first stop string, whatever the borders between its pieces, and can let text pass in which no
/// stop string counts (before min_tokens). One thread.
/// </summary>
internal sealed class StopStringFilter(ImmutableArray<string> stops, bool includeStop)
{
    private StopStringMatcher _matcher = new(stops, includeStop);

    /// <summary>The stop string that was found; null while none was.</summary>
    public string? Hit => _matcher.Found;

    /// <summary>Takes text; returns what may go out. After a hit nothing more goes out.</summary>
    public string Append(string text)
    {
        if (Hit is not null || text.Length == 0)
        {
            return "";
        }

        return stops.IsEmpty ? text : _matcher.Append(text).Text;
    }

    /// <summary>Takes text in which no stop string counts, after what is held.</summary>
    public string Pass(string text)
    {
        if (stops.IsEmpty)
        {
            return text;
        }

        string all = _matcher.Complete() + text;
        _matcher = new StopStringMatcher(stops, includeStop);
        return all;
    }

    /// <summary>What was held back and never became a stop string.</summary>
    public string Finish() => Hit is null ? _matcher.Complete() : "";
}
