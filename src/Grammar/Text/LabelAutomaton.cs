namespace XLLM.Grammar.Text;

/// <summary>
/// Several automata run side by side. Every state has a label: which of them accept there. Labels are numbered in order of
/// appearance. Immutable but for lazily counted words.
/// </summary>
internal sealed class LabelAutomaton
{
    private readonly int[] _next;
    private readonly int[] _label;
    private readonly long[]?[] _words;

    private LabelAutomaton(CodeClasses classes, int[] next, int[] label, List<bool[]> labels)
    {
        Classes = classes;
        _next = next;
        _label = label;
        Labels = labels;
        _words = new long[labels.Count][];
    }

    public CodeClasses Classes { get; }

    public IReadOnlyList<bool[]> Labels { get; }

    public int States => _label.Length;

    /// <summary>One state that every string stays in.</summary>
    public bool IsTrivial => _label.Length == 1;

    public static LabelAutomaton Product(IReadOnlyList<Automaton> parts, int maxStates)
    {
        int[][] maps = [];
        CodeClasses classes = parts.Count switch
        {
            0 => CodeClasses.OfSets([]),
            1 => parts[0].Classes,
            _ => CodeClasses.Refine([.. parts.Select(p => p.Classes)], out maps),
        };
        if (parts.Count == 1)
        {
            maps = [[.. Enumerable.Range(0, classes.Count)]];
        }

        List<int[]> states = [new int[parts.Count]];
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal) { [Key(states[0])] = 0 };
        List<int> next = [];
        for (int s = 0; s < states.Count; s++)
        {
            for (int c = 0; c < classes.Count; c++)
            {
                int[] to = new int[parts.Count];
                for (int p = 0; p < parts.Count; p++)
                {
                    to[p] = parts[p].StepClass(states[s][p], maps[p][c]);
                }

                string key = Key(to);
                if (!numbers.TryGetValue(key, out int number))
                {
                    number = states.Count;
                    if (number >= maxStates)
                    {
                        throw new RegexTooLargeException();
                    }

                    numbers.Add(key, number);
                    states.Add(to);
                }

                next.Add(number);
            }
        }

        List<bool[]> labels = [];
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        int[] label = new int[states.Count];
        for (int s = 0; s < states.Count; s++)
        {
            bool[] bits = new bool[parts.Count];
            for (int p = 0; p < parts.Count; p++)
            {
                bits[p] = parts[p].Accepts(states[s][p]);
            }

            string key = string.Concat(bits.Select(b => b ? '1' : '0'));
            if (!known.TryGetValue(key, out label[s]))
            {
                label[s] = labels.Count;
                known.Add(key, labels.Count);
                labels.Add(bits);
            }
        }

        return new LabelAutomaton(classes, [.. next], label, labels);

        static string Key(int[] state) => string.Create(state.Length * 2, state, static (span, s) =>
        {
            for (int i = 0; i < s.Length; i++)
            {
                span[2 * i] = (char)s[i];
                span[(2 * i) + 1] = (char)(s[i] >> 16);
            }
        });
    }

    public int Step(int state, int codePoint) => _next[(state * Classes.Count) + Classes.Of(codePoint)];

    public int StepClass(int state, int codeClass) => _next[(state * Classes.Count) + codeClass];

    public int LabelOf(int state) => _label[state];

    /// <summary>Words from a state to states of a label; long.MaxValue = without end (or more than can be counted).</summary>
    public long Words(int state, int label) => (_words[label] ??= CountWords(label))[state];

    private long[] CountWords(int label)
    {
        int classes = Classes.Count;
        long[] sizes = new long[classes];
        for (int r = 0; r < Classes.Starts.Length; r++)
        {
            int end = r + 1 < Classes.Starts.Length ? Classes.Starts[r + 1] : CharSet.Last + 1;
            sizes[Classes.RunClasses[r]] += end - Classes.Starts[r];
        }

        bool[] reach = Reaching(label);
        long[] words = new long[States];
        int[] open = new int[States];
        List<int>[] sources = new List<int>[States];
        var ready = new Queue<int>();
        for (int s = 0; s < States; s++)
        {
            if (!reach[s])
            {
                continue;
            }

            words[s] = long.MaxValue;
            for (int c = 0; c < classes; c++)
            {
                int to = _next[(s * classes) + c];
                if (reach[to])
                {
                    open[s]++;
                    (sources[to] ??= []).Add(s);
                }
            }

            if (open[s] == 0)
            {
                ready.Enqueue(s);
            }
        }

        // States that are never ready lie on a cycle, or lead to one: words without end.
        while (ready.TryDequeue(out int s))
        {
            Int128 sum = _label[s] == label ? 1 : 0;
            for (int c = 0; c < classes; c++)
            {
                int to = _next[(s * classes) + c];
                if (reach[to])
                {
                    sum += (Int128)words[to] * sizes[c];
                }
            }

            words[s] = sum > long.MaxValue ? long.MaxValue : (long)sum;
            foreach (int from in sources[s] ?? [])
            {
                if (--open[from] == 0)
                {
                    ready.Enqueue(from);
                }
            }
        }

        return words;
    }

    private bool[] Reaching(int label)
    {
        int classes = Classes.Count;
        bool[] reach = new bool[States];
        List<int>[] sources = new List<int>[States];
        var queue = new Queue<int>();
        for (int s = 0; s < States; s++)
        {
            for (int c = 0; c < classes; c++)
            {
                (sources[_next[(s * classes) + c]] ??= []).Add(s);
            }

            if (_label[s] == label)
            {
                reach[s] = true;
                queue.Enqueue(s);
            }
        }

        while (queue.TryDequeue(out int s))
        {
            foreach (int from in sources[s] ?? [])
            {
                if (!reach[from])
                {
                    reach[from] = true;
                    queue.Enqueue(from);
                }
            }
        }

        return reach;
    }
}
