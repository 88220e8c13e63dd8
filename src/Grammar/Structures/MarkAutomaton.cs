namespace XLLM.Grammar.Structures;

/// <summary>
/// Finds the first of several marks in a run of bytes (Aho and Corasick, CACM 1975) as one table. No mark is within another, so
/// at most one ends at a byte. Immutable.
/// </summary>
internal sealed class MarkAutomaton
{
    private readonly int[] _next;
    private readonly int[] _found;
    private readonly int[] _depth;

    public MarkAutomaton(byte[][] marks)
    {
        Marks = marks;
        int states = 1 + marks.Sum(m => m.Length);
        int[] next = new int[states * 256];
        int[] fail = new int[states];
        _found = new int[states];
        _depth = new int[states];
        Array.Fill(_found, -1);
        int count = 1;
        for (int m = 0; m < marks.Length; m++)
        {
            int at = 0;
            foreach (byte b in marks[m])
            {
                ref int to = ref next[(at * 256) + b];
                if (to == 0)
                {
                    to = count;
                    _depth[count++] = _depth[at] + 1;
                }

                at = to;
            }

            _found[at] = m;
        }

        Queue<int> open = new([0]);
        while (open.TryDequeue(out int at))
        {
            for (int b = 0; b < 256; b++)
            {
                int to = next[(at * 256) + b];
                int other = at == 0 ? 0 : next[(fail[at] * 256) + b];
                if (to == 0)
                {
                    next[(at * 256) + b] = other;
                }
                else
                {
                    fail[to] = other;
                    open.Enqueue(to);
                }
            }
        }

        _next = next;
    }

    public byte[][] Marks { get; }

    public int Step(int state, byte b) => _next[(state * 256) + b];

    /// <summary>The mark that ends in a state, or -1.</summary>
    public int Found(int state) => _found[state];

    /// <summary>What is left of a mark in a state: all of it when the text does not end with its beginning.</summary>
    public ReadOnlySpan<byte> Rest(int state, int mark)
    {
        byte[] bytes = Marks[mark];
        int at = 0;
        for (int depth = 0; depth <= _depth[state] && depth < bytes.Length; depth++)
        {
            if (at == state)
            {
                return bytes.AsSpan(depth);
            }

            at = Step(at, bytes[depth]);
        }

        return bytes;
    }
}
