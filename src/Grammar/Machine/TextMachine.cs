using XLLM.Grammar.Text;

namespace XLLM.Grammar.Machine;

/// <summary>
/// Recognises words: names by a trie, everything else by the label of an automaton. A state is a pair (trie node or -1, automaton
/// state). Which outcomes are wanted is said by a <see cref="Gate"/>, so one machine serves changing wishes.
/// </summary>
internal sealed class TextMachine
{
    public TextMachine(NameTrie trie, LabelAutomaton automaton)
    {
        Trie = trie;
        Automaton = automaton;
        NameLabels = new int[trie.Count];
        for (int i = 0; i < trie.Count; i++)
        {
            int state = 0;
            foreach (int codePoint in CodePoints.Of(trie.Names[i]))
            {
                state = automaton.Step(state, codePoint);
            }

            NameLabels[i] = automaton.LabelOf(state);
        }
    }

    public NameTrie Trie { get; }

    public LabelAutomaton Automaton { get; }

    /// <summary>The label that a name has as a word.</summary>
    public int[] NameLabels { get; }

    /// <summary>Whether some admitted word goes on from here (or ends here).</summary>
    public bool Live(int node, int state, Gate gate)
    {
        (int first, int end) = Trie.Range(node);
        if (first < end && Bits.AnyIn(gate.Names, first, end))
        {
            return true;
        }

        bool[] labels = gate.Labels;
        for (int label = 0; label < labels.Length; label++)
        {
            if (!labels[label])
            {
                continue;
            }

            long words = Automaton.IsTrivial ? long.MaxValue : Automaton.Words(state, label);
            if (words == long.MaxValue)
            {
                return true;
            }

            for (int i = first; i < end && words > 0; i++)
            {
                words -= NameLabels[i] == label ? 1 : 0;
            }

            if (node == 0 && gate.Taken is { } taken)
            {
                words -= taken[label];
            }

            if (words > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a code point of [low, high] leads to a live state.</summary>
    public bool LiveWithin(int node, int state, Gate gate, int low, int high) =>
        AnyWithin(node, state, low, high, (n, s) => Live(n, s, gate));

    /// <summary>Whether a code point of [low, high] leads to a pair (node, state) that is live.</summary>
    public bool AnyWithin(int node, int state, int low, int high, Func<int, int, bool> live)
    {
        if (low > high)
        {
            return false;
        }

        int keys = 0;
        foreach (int key in Trie.Keys(node))
        {
            if (key >= low && key <= high)
            {
                keys++;
                int next = Automaton.Step(state, key);
                if (live(Trie.Step(node, key), next))
                {
                    return true;
                }
            }
        }

        CodeClasses classes = Automaton.Classes;
        ReadOnlySpan<int> starts = classes.Starts;
        for (int run = classes.RunOf(low); run < starts.Length && starts[run] <= high; run++)
        {
            int from = Math.Max(low, starts[run]);
            int to = Math.Min(high, run + 1 < starts.Length ? starts[run + 1] - 1 : CharSet.Last);
            int named = 0;
            if (keys > 0)
            {
                foreach (int key in Trie.Keys(node))
                {
                    named += key >= from && key <= to ? 1 : 0;
                }
            }

            if (to - from + 1 > named)
            {
                int next = Automaton.StepClass(state, classes.RunClasses[run]);
                if (live(-1, next))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether a word that ends here is admitted.</summary>
    public bool Admits(int node, int state, Gate gate) => Trie.NameAt(node) is >= 0 and int name
        ? Bits.Has(gate.Names, name)
        : gate.Labels[Automaton.LabelOf(state)];
}
