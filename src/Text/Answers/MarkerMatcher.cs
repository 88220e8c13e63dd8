using System.Text;

namespace XLLM.Text.Answers;

/// <summary>Finds the first of some markers in a text that comes character by character, and holds back what may become one.</summary>
internal sealed class MarkerMatcher(params string[] markers)
{
    private readonly StringBuilder _held = new();

    /// <summary>What came last may become a marker.</summary>
    public bool IsHolding => _held.Length > 0;

    /// <summary>Takes a character; what cannot be part of a marker goes to <paramref name="free"/>.</summary>
    /// <returns>The marker that is now complete, else null.</returns>
    public string? Append(char c, StringBuilder free)
    {
        _held.Append(c);
        while (_held.Length > 0)
        {
            bool begins = false;
            foreach (string marker in markers)
            {
                if (marker.Length >= _held.Length && _held.Equals(marker.AsSpan(0, _held.Length)))
                {
                    if (marker.Length == _held.Length)
                    {
                        _held.Clear();
                        return marker;
                    }

                    begins = true;
                }
            }

            if (begins)
            {
                return null;
            }

            free.Append(_held[0]);
            _held.Remove(0, 1);
        }

        return null;
    }

    /// <summary>The text ends: what was held back was no marker.</summary>
    public void Finish(StringBuilder free)
    {
        free.Append(_held);
        _held.Clear();
    }
}
