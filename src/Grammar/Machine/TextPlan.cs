using XLLM.Grammar.Formulas;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Machine;

/// <summary>
/// What strings a goal takes. A plain conjunction keeps its lengths in a register (the count of code points); any other formula has
/// them in the automaton.
/// </summary>
internal sealed class TextPlan
{
    private readonly ulong[] _nameBits;
    private readonly ulong[] _labelBits;
    private readonly int _min;
    private readonly int _max = int.MaxValue;
    private readonly ulong[][]? _lengths;
    private readonly bool _freeLabels;

    public TextPlan(Formula demand, Formula[] tracked, GrammarLimits limits)
    {
        Formula[] parts = demand.Kind == FormulaKind.And ? demand.Args : [demand];
        bool conjunction = tracked.Length == 0 && parts.All(p => p.IsTrue || p.Atom is not null);
        if (conjunction && parts.FirstOrDefault(p => p.Atom is Atom.StringIn)?.Atom is Atom.StringIn listed)
        {
            var kept = listed.Values.Where(v => parts.All(p => Passes(p.Atom, v)));
            Machine = new TextMachine(new NameTrie(kept), LabelAutomaton.Product([], limits.MaxStates));
            Gate = new Gate(All(Machine.Trie.Count), [false]);
            _nameBits = new ulong[Machine.Trie.Count];
            _labelBits = [0];
            return;
        }

        TextAtoms atoms = new(
            [demand, .. tracked], [], [], limits, a => conjunction && a is Atom.MinLength or Atom.MaxLength && conjunction);
        Machine = atoms.Machine;
        if (conjunction)
        {
            _min = parts.Select(p => (p.Atom as Atom.MinLength)?.Length ?? 0).Max();
            _max = parts.Select(p => (p.Atom as Atom.MaxLength)?.Length ?? int.MaxValue).Min();
        }

        ulong[] names = Bits.Make(Machine.Trie.Count);
        _nameBits = new ulong[Machine.Trie.Count];
        for (int i = 0; i < Machine.Trie.Count; i++)
        {
            if (atoms.HoldsForName(demand, i))
            {
                Bits.Set(names, i);
            }

            for (int t = 0; t < tracked.Length; t++)
            {
                _nameBits[i] |= atoms.HoldsForName(tracked[t], i) ? 1UL << t : 0;
            }
        }

        int labels = Machine.Automaton.Labels.Count;
        bool[] admitted = new bool[labels];
        _labelBits = new ulong[labels];
        for (int label = 0; label < labels; label++)
        {
            admitted[label] = atoms.HoldsForLabel(demand, label);
            for (int t = 0; t < tracked.Length; t++)
            {
                _labelBits[label] |= atoms.HoldsForLabel(tracked[t], label) ? 1UL << t : 0;
            }
        }

        Gate = new Gate(names, admitted);
        _freeLabels = Machine.Automaton.IsTrivial && admitted[0];
        if (!Machine.Automaton.IsTrivial && (_min > 0 || _max < int.MaxValue))
        {
            _lengths = Lengths(limits);
        }
    }

    public TextMachine Machine { get; }

    public Gate Gate { get; }

    /// <summary>Least and largest number of code points, where those alone decide.</summary>
    public int Min => _min;

    public int Max => _max;

    /// <summary>Only the length counts: names and automata have no say.</summary>
    public bool IsFree => _freeLabels && Machine.Trie.Count == 0;

    /// <summary>The count that has to be known: beyond the least length it only matters when there is a largest.</summary>
    public int Clip(int count) => _max == int.MaxValue ? Math.Min(count, _min) : count;

    public bool Live(int node, int state, int count)
    {
        if (_freeLabels)
        {
            return count <= _max && _min <= _max;
        }

        return Machine.Live(node, state, Gate) && LengthFits(state, count);
    }

    public bool LiveWithin(int node, int state, int count, int low, int high) => _freeLabels
        ? count < _max && low <= high
        : Machine.LiveWithin(node, state, Gate, low, high, _lengths is null ? null : next => LengthFits(next, count + 1));

    public bool Accepts(int node, int state, int count) => count >= _min && count <= _max && Machine.Admits(node, state, Gate);

    public ulong Verdicts(int node, int state) => Machine.Trie.NameAt(node) is >= 0 and int name
        ? _nameBits[name]
        : _labelBits[Machine.Automaton.LabelOf(state)];

    private static bool Passes(Atom? atom, string value) => atom switch
    {
        Atom.StringIn values => values.Values.Contains(value),
        Atom.Matches matches => matches.Automaton.Matches(value),
        Atom.MinLength min => CodePoints.Count(value) >= min.Length,
        Atom.MaxLength max => CodePoints.Count(value) <= max.Length,
        _ => true,
    };

    private static ulong[] All(int count)
    {
        ulong[] bits = Bits.Make(count);
        for (int i = 0; i < count; i++)
        {
            Bits.Set(bits, i);
        }

        return bits;
    }

    /// <summary>Whether the text can end admitted with a number of further code points between what is missing and what is left.</summary>
    private bool LengthFits(int state, int count)
    {
        if (count > _max)
        {
            return false;
        }

        if (_lengths is null)
        {
            return true;
        }

        ulong[] lengths = _lengths[state];
        int last = (lengths.Length * 64) - 1;
        int from = Math.Min(Math.Max(0, _min - count), last);
        int to = Math.Min(_max == int.MaxValue ? last : _max - count, last);
        return Bits.AnyIn(lengths, from, to + 1);
    }

    /// <summary>
    /// Bit k of a state: k further code points can end admitted. Lengths beyond the least one by more than the number of states
    /// repeat, so no more are kept.
    /// </summary>
    private ulong[][] Lengths(GrammarLimits limits)
    {
        LabelAutomaton automaton = Machine.Automaton;
        int states = automaton.States;
        long top = Math.Min((long)_max, (long)_min + states + 1);
        if (top * states > 64L * 1_000_000 || top * states * automaton.Classes.Count > 50_000L * limits.MaxStates)
        {
            throw new RegexTooLargeException();
        }

        ulong[][] lengths = [.. Enumerable.Range(0, states).Select(_ => Bits.Make((int)top + 1))];
        for (int s = 0; s < states; s++)
        {
            if (Gate.Labels[automaton.LabelOf(s)])
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
