namespace XLLM.Scheduling.Speculation;

/// <summary>
/// Shares a step's rows among drafts. Rows go one by one to the draft whose next token is likeliest to be accepted, as long as
/// a row raises the tokens that the step is expected to make per unit of time (goodput, as in arXiv 2406.14066). So one stream
/// gets long drafts, many streams short ones, and a step that is busy anyway none. Pure; nothing is allocated per step once
/// it has grown. One thread.
/// </summary>
public sealed class DraftBudget
{
    private float[] _probabilities = [];
    private int[] _starts = [];
    private int[] _lengths = [];
    private int _used;

    /// <summary>Drafts offered.</summary>
    public int Count { get; private set; }

    public void Clear()
    {
        Count = 0;
        _used = 0;
    }

    /// <summary>
    /// A draft. <paramref name="probabilities"/> are those that the token and all before it are accepted; they must not rise.
    /// </summary>
    public void Offer(ReadOnlySpan<float> probabilities)
    {
        if (_probabilities.Length < _used + probabilities.Length)
        {
            Array.Resize(ref _probabilities, Math.Max(64, 2 * (_used + probabilities.Length)));
        }

        if (_lengths.Length == Count)
        {
            Array.Resize(ref _starts, Math.Max(16, 2 * Count));
            Array.Resize(ref _lengths, Math.Max(16, 2 * Count));
        }

        probabilities.CopyTo(_probabilities.AsSpan(_used));
        _starts[Count] = _used;
        _lengths[Count++] = 0;
        _used += probabilities.Length;
    }

    /// <summary>Decides the lengths.</summary>
    /// <param name="rows">Rows of the step without drafts, >= 0; each counts as a token made.</param>
    /// <param name="room">Most rows for drafts.</param>
    /// <param name="rowCost">Cost of a row over the cost of a step without rows.</param>
    public void Share(int rows, int room, double rowCost)
    {
        double tokens = rows;
        double time = 1 + (rowCost * rows);
        while (room-- > 0)
        {
            int best = -1;
            float most = 0;
            for (int i = 0; i < Count; i++)
            {
                float next = Next(i);
                (best, most) = next > most ? (i, next) : (best, most);
            }

            if (best < 0 || most * time <= rowCost * tokens)
            {
                return;
            }

            _lengths[best]++;
            tokens += most;
            time += rowCost;
        }
    }

    /// <summary>Tokens of a draft to verify, in the order of the offers.</summary>
    public int LengthOf(int draft) => _lengths.AsSpan(0, Count)[draft];

    private float Next(int draft)
    {
        int at = _starts[draft] + _lengths[draft];
        int end = draft + 1 < Count ? _starts[draft + 1] : _used;
        return at < end ? _probabilities[at] : 0;
    }
}
