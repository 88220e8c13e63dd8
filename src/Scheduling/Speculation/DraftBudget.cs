namespace XLLM.Scheduling.Speculation;

/// <summary>
/// Shares a step's rows among drafts. Rows go one by one to the draft whose next token is likeliest to be accepted; how many,
/// is decided by the tokens that the step is then expected to make per unit of time (goodput, as in arXiv 2406.14066). So one
/// stream gets long drafts, many streams short ones, and a step that is busy anyway none. Pure; nothing is allocated per step
/// once it has grown. One thread.
/// </summary>
public sealed class DraftBudget
{
    private float[] _probabilities = [];
    private int[] _starts = [];
    private int[] _lengths = [];
    private int[] _granted = [];
    private int _used;

    /// <summary>Drafts offered.</summary>
    public int Count { get; private set; }

    /// <summary>
    /// How much more the step is expected to make per unit of time with the drafts shared out than without; 0 = no more.
    /// </summary>
    public double Gain { get; private set; }

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
    /// <param name="costs">
    /// Cost of the step with 0, 1, 2, ... rows for drafts, in any unit, each above 0; at least one. There are no more rows
    /// than these.
    /// </param>
    public void Share(int rows, ReadOnlySpan<double> costs)
    {
        if (_granted.Length < costs.Length)
        {
            _granted = new int[Math.Max(64, costs.Length)];
        }

        double tokens = rows;
        double best = rows / costs[0];
        int kept = 0;
        int granted = 0;
        while (granted + 1 < costs.Length)
        {
            (int draft, float most) = Likeliest();
            if (draft < 0)
            {
                break;
            }

            _lengths[draft]++;
            _granted[granted++] = draft;
            tokens += most;
            if (tokens / costs[granted] > best)
            {
                (best, kept) = (tokens / costs[granted], granted);
            }
        }

        Gain = rows > 0 ? (best * costs[0] / rows) - 1 : 0;
        while (granted > kept)
        {
            _lengths[_granted[--granted]]--;
        }
    }

    /// <summary>Tokens of a draft to verify, in the order of the offers.</summary>
    public int LengthOf(int draft) => _lengths.AsSpan(0, Count)[draft];

    private (int Draft, float Probability) Likeliest()
    {
        (int draft, float most) = (-1, 0);
        for (int i = 0; i < Count; i++)
        {
            float next = Next(i);
            (draft, most) = next > most ? (i, next) : (draft, most);
        }

        return (draft, most);
    }

    private float Next(int draft)
    {
        int at = _starts[draft] + _lengths[draft];
        int end = draft + 1 < Count ? _starts[draft + 1] : _used;
        return at < end ? _probabilities[at] : 0;
    }
}
