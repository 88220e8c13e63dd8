using XLLM.Grammar.Text;
using XLLM.Grammar.Tokens;

namespace XLLM.Grammar.Machine;

/// <summary>
/// Of an automaton and the labels that are admitted: from which states an admitted word can still be reached, and for which slices
/// of the vocabulary that stays so whatever is written. Worked out as asked for.
/// </summary>
internal sealed class LiveStates(LabelAutomaton automaton, bool[] labels)
{
    private readonly sbyte[] _live = new sbyte[automaton.States];
    private readonly Dictionary<long, bool> _pending = [];
    private readonly sbyte[]?[] _slices = new sbyte[TokenSlice.Alphabets.Count][];

    public bool IsLive(int state)
    {
        if (_live[state] == 0)
        {
            bool live = false;
            for (int label = 0; label < labels.Length && !live; label++)
            {
                live = labels[label] && (automaton.IsTrivial || automaton.Words(state, label) > 0);
            }

            _live[state] = (sbyte)(live ? 1 : -1);
        }

        return _live[state] > 0;
    }

    /// <summary>Whether every token of a slice (by its number) may follow.</summary>
    public bool TakesAll(int state, int number, TokenSlice slice)
    {
        sbyte[] known = _slices[number] ??= new sbyte[automaton.States];
        if (known[state] == 0)
        {
            known[state] = (sbyte)(Search(state, slice) ? 1 : -1);
        }

        return known[state] > 0;
    }

    /// <summary>Whether a character that is pending (as <see cref="CharDecoder"/> has it) can become one that leads on.</summary>
    public bool IsLive(int state, int pending)
    {
        long key = ((long)state << 32) | (uint)pending;
        if (!_pending.TryGetValue(key, out bool live))
        {
            CharDecoder.Ranges(pending, out int first, out int last, out int first2, out int last2);
            live = Within(state, first, last) || Within(state, first2, last2);
            _pending.Add(key, live);
        }

        return live;
    }

    private bool Within(int state, int first, int last)
    {
        CodeClasses classes = automaton.Classes;
        for (int run = first <= last ? classes.RunOf(first) : int.MaxValue; run < classes.Starts.Length && classes.Starts[run] <= last; run++)
        {
            if (IsLive(automaton.StepClass(state, classes.RunClasses[run])))
            {
                return true;
            }
        }

        return false;
    }

    private bool Search(int start, TokenSlice slice)
    {
        if (!IsLive(start))
        {
            return false;
        }

        CodeClasses classes = automaton.Classes;
        int[] steps = [.. slice.ClassesIn(classes)];
        HashSet<int> seen = [start];
        List<int> edge = [start];
        for (int depth = 0; depth < slice.Longest && edge.Count > 0; depth++)
        {
            List<int> next = [];
            foreach (int state in edge)
            {
                foreach (int step in steps)
                {
                    int to = automaton.StepClass(state, step);
                    if (!IsLive(to))
                    {
                        return false;
                    }

                    if (seen.Add(to))
                    {
                        next.Add(to);
                    }
                }
            }

            edge = next;
        }

        return true;
    }
}
