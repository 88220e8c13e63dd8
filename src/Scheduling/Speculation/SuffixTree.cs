using System.Numerics;

namespace XLLM.Scheduling.Speculation;

/// <summary>
/// How often each run of tokens occurred in a sliding window over one or more texts, and what followed it: a suffix tree with
/// compressed edges, cut at a depth, as in SuffixDecoding (arXiv 2411.04975). Every position of the window is the origin of one
/// run of up to <see cref="MaxDepth"/> tokens that does not cross the end of its text; a node counts the runs through it.
/// <para>
/// Appending a token costs a step for each length of which the last tokens occurred before, and nothing for the rest: runs
/// that are new are leaves, which grow by themselves. When the window is full the oldest origin goes. Nodes live in one array,
/// at most two an origin, and children are found by a hash table: neither a huge vocabulary nor hostile text costs more than
/// other text. Deterministic; the seed of the hash changes no result. One thread.
/// </para>
/// </summary>
public sealed partial class SuffixTree
{
    /// <summary>Greatest <see cref="MaxDepth"/>.</summary>
    public const int DepthLimit = 256;

    /// <summary>Greatest <see cref="Window"/>.</summary>
    public const int WindowLimit = 1 << 24;

    private readonly Queue<int> _ends = new();
    private readonly int[] _active;
    private readonly int[] _leaves;
    private int[] _text = new int[64];
    private int _first;
    private int _end;
    private int _textStart;
    private int _activeFirst;

    /// <summary>An empty tree.</summary>
    /// <param name="window">Tokens remembered, twice the depth to <see cref="WindowLimit"/>. Memory grows with what is used.</param>
    /// <param name="maxDepth">Longest run counted, 2 to <see cref="DepthLimit"/>.</param>
    /// <param name="seed">Of the hash of children.</param>
    public SuffixTree(int window, int maxDepth, uint seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxDepth, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxDepth, DepthLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 2 * maxDepth);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(window, WindowLimit);
        Window = window;
        MaxDepth = maxDepth;
        _seed = seed;
        int ring = (int)BitOperations.RoundUpToPowerOf2((uint)maxDepth);
        _active = new int[ring];
        _leaves = new int[ring];
        Clear();
    }

    public int Window { get; }

    public int MaxDepth { get; }

    /// <summary>Origins in the window.</summary>
    public int Count => unchecked(_end - _first);

    /// <summary>How many of the last tokens of the open text form a run that occurred before; less than the depth.</summary>
    public int MatchLength => unchecked(_end - _activeFirst);

    /// <summary>Forgets everything, but keeps its memory.</summary>
    public void Clear()
    {
        _ends.Clear();
        _first = _end = _textStart = _activeFirst = 0;
        ClearNodes();
    }

    /// <summary>The next token of the open text.</summary>
    public void Append(int token)
    {
        if (Count == Window)
        {
            DropOldest();
        }

        EnsureText();
        unchecked
        {
            int position = _end++;
            TextAt(position) = token;
            for (int origin = _activeFirst; origin != position; origin++)
            {
                Active(origin) = Advance(Active(origin), origin, position, token);
            }

            _nodes[Root].Count++;
            Active(position) = Advance(Root, position, position, token);
            while (_activeFirst != _end && (Active(_activeFirst) == None || _end - _activeFirst >= MaxDepth))
            {
                _activeFirst++;
            }
        }
    }

    /// <summary>The open text is complete; the next token begins another.</summary>
    public void EndText()
    {
        unchecked
        {
            if (_end == _textStart)
            {
                return;
            }

            // Leaves that would still grow stop here.
            int grown = Math.Min(MaxDepth, _end - _textStart);
            for (int origin = _end - grown; origin != _activeFirst; origin++)
            {
                if (_end - origin < MaxDepth)
                {
                    ref Node leaf = ref _nodes[_leaves[origin & (_leaves.Length - 1)]];
                    leaf.Length = _end - leaf.Start;
                }
            }

            _ends.Enqueue(_end);
            _textStart = _activeFirst = _end;
        }
    }

    private ref int TextAt(int position) => ref _text[position & (_text.Length - 1)];

    private ref int Active(int origin) => ref _active[origin & (_active.Length - 1)];

    private void EnsureText()
    {
        if (Count < _text.Length)
        {
            return;
        }

        int[] larger = new int[2 * _text.Length];
        for (int i = 0; i < Count; i++)
        {
            int position = unchecked(_first + i);
            larger[position & (larger.Length - 1)] = TextAt(position);
        }

        _text = larger;
    }
}
