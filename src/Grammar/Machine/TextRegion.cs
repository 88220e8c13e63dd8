using XLLM.Grammar.Text;

namespace XLLM.Grammar.Machine;

/// <summary>Counts of code points, first to last, between which lengths make no difference: what is admitted there.</summary>
internal sealed class TextRegion(TextMachine machine, int first, int last, bool[] labels, ulong[] verdicts, GrammarLimits limits)
{
    private readonly bool _any = labels.Contains(true);
    private ulong[][]? _lengths;

    public int First { get; } = first;

    public int Last { get; } = last;

    public bool[] Labels { get; } = labels;

    public ulong[] Verdicts { get; } = verdicts;

    /// <summary>Whether a word of the region can end admitted, from an automaton state and a count.</summary>
    public bool CanEnd(int state, int count)
    {
        if (!_any || count > Last)
        {
            return false;
        }

        if (machine.Automaton.IsTrivial)
        {
            return true;
        }

        ulong[] lengths = (_lengths ??= MakeLengths())[state];
        int most = (lengths.Length * 64) - 1;
        int from = Math.Min(Math.Max(0, First - count), most);
        int to = Math.Min(Last == int.MaxValue ? most : Last - count, most);
        return Bits.AnyIn(lengths, from, to + 1);
    }

    /// <summary>
    /// Bit k of a state: k further code points can end admitted. Lengths beyond the least one by more than the number of states
    /// repeat, so no more are kept.
    /// </summary>
    private ulong[][] MakeLengths()
    {
        LabelAutomaton automaton = machine.Automaton;
        int states = automaton.States;
        long top = Math.Min((long)Last, (long)First + states + 1);
        if (top * states > 64_000_000 || top * states * automaton.Classes.Count > 50_000L * limits.MaxStates)
        {
            throw new RegexTooLargeException();
        }

        ulong[][] lengths = [.. Enumerable.Range(0, states).Select(_ => Bits.Make((int)top + 1))];
        for (int s = 0; s < states; s++)
        {
            if (Labels[automaton.LabelOf(s)])
            {
                Bits.Set(lengths[s], 0);
            }
        }

        for (int k = 1; k <= top; k++)
        {
            for (int s = 0; s < states; s++)
            {
                for (int c = 0; c < automaton.Classes.Count; c++)
                {
                    if (Bits.Has(lengths[automaton.StepClass(s, c)], k - 1))
                    {
                        Bits.Set(lengths[s], k);
                        break;
                    }
                }
            }
        }

        return lengths;
    }
}
