namespace XLLM.Grammar.Text;

/// <summary>
/// Deterministic automaton over code points. State 0 is the start; <see cref="Dead"/> stands for every state from which nothing can be
/// accepted, so a state that is not dead has a way to acceptance. Immutable.
/// </summary>
internal sealed class Automaton
{
    public const int Dead = -1;

    private readonly int[] _next;
    private readonly bool[] _accept;

    private Automaton(CodeClasses classes, int[] next, bool[] accept)
    {
        Classes = classes;
        _next = next;
        _accept = accept;
        Prune();
    }

    public CodeClasses Classes { get; }

    public int States => _accept.Length;

    /// <exception cref="RegexTooLargeException">More than <paramref name="maxStates"/> states.</exception>
    public static Automaton FromRegex(RegexPool pool, RegexNode start, int maxStates)
    {
        CodeClasses classes = CodeClasses.OfSets([.. pool.Sets]);
        List<RegexNode> states = [start];
        var numbers = new Dictionary<RegexNode, int> { [start] = 0 };
        List<int> next = [];
        for (int s = 0; s < states.Count; s++)
        {
            foreach (int codePoint in classes.Representatives)
            {
                RegexNode to = pool.Derive(states[s], codePoint);
                if (to == pool.Nothing)
                {
                    next.Add(Dead);
                    continue;
                }

                if (!numbers.TryGetValue(to, out int number))
                {
                    number = states.Count;
                    if (number >= maxStates)
                    {
                        throw new RegexTooLargeException();
                    }

                    numbers.Add(to, number);
                    states.Add(to);
                }

                next.Add(number);
            }
        }

        return new Automaton(classes, [.. next], [.. states.Select(s => s.Nullable)]);
    }

    /// <summary>Strings of <paramref name="min"/> to <paramref name="max"/> code points; max -1 = no bound.</summary>
    public static Automaton OfLength(int min, int max, int maxStates)
    {
        int states = (max < 0 ? min : max) + 1;
        if (states > maxStates)
        {
            throw new RegexTooLargeException();
        }

        int[] next = new int[states];
        bool[] accept = new bool[states];
        for (int s = 0; s < states; s++)
        {
            next[s] = s + 1 < states ? s + 1 : max < 0 ? s : Dead;
            accept[s] = s >= min;
        }

        return new Automaton(CodeClasses.OfSets([]), next, accept);
    }

    public int Step(int state, int codePoint) => state < 0 ? Dead : _next[(state * Classes.Count) + Classes.Of(codePoint)];

    public int StepClass(int state, int codeClass) => state < 0 ? Dead : _next[(state * Classes.Count) + codeClass];

    public bool Accepts(int state) => state >= 0 && _accept[state];

    public bool Matches(string text)
    {
        int state = 0;
        foreach (int codePoint in CodePoints.Of(text))
        {
            state = Step(state, codePoint);
        }

        return Accepts(state);
    }

    private void Prune()
    {
        int classes = Classes.Count;
        bool[] live = (bool[])_accept.Clone();
        List<int>[] sources = new List<int>[States];
        for (int s = 0; s < States; s++)
        {
            for (int c = 0; c < classes; c++)
            {
                int to = _next[(s * classes) + c];
                if (to >= 0)
                {
                    (sources[to] ??= []).Add(s);
                }
            }
        }

        var queue = new Queue<int>(Enumerable.Range(0, States).Where(s => live[s]));
        while (queue.TryDequeue(out int s))
        {
            foreach (int from in sources[s] ?? [])
            {
                if (!live[from])
                {
                    live[from] = true;
                    queue.Enqueue(from);
                }
            }
        }

        for (int i = 0; i < _next.Length; i++)
        {
            if (_next[i] >= 0 && !live[_next[i]])
            {
                _next[i] = Dead;
            }
        }
    }
}
