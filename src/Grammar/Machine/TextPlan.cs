using XLLM.Grammar.Formulas;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Machine;

/// <summary>
/// What strings a goal takes. Lengths are kept in a register, the count of code points: between two bounds that the formulas name
/// (a region) all counts are alike.
/// </summary>
internal sealed class TextPlan
{
    private readonly ulong[] _nameBits;
    private readonly TextRegion[] _regions;
    private readonly LiveStates?[] _live;

    public TextPlan(Formula demand, Formula[] tracked, GrammarLimits limits)
    {
        Formula[] parts = demand.Kind == FormulaKind.And ? demand.Args : [demand];
        bool conjunction = tracked.Length == 0 && parts.All(p => p.IsTrue || p.Atom is not null);
        if (conjunction && parts.FirstOrDefault(p => p.Atom is Atom.StringIn)?.Atom is Atom.StringIn listed)
        {
            // Only a list: patterns and lengths are asked now and need no automata.
            var kept = listed.Values.Where(v => parts.All(p => Passes(p.Atom, v)));
            Machine = new TextMachine(new NameTrie(kept), LabelAutomaton.Product([], limits.MaxStates));
            Names = Bits.Full(Machine.Trie.Count);
            _nameBits = new ulong[Machine.Trie.Count];
            _regions = [new TextRegion(Machine, 0, int.MaxValue, [false], [0], limits)];
            _live = new LiveStates?[1];
            return;
        }

        TextAtoms atoms = new([demand, .. tracked], [], [], limits, a => a is Atom.MinLength or Atom.MaxLength);
        Machine = atoms.Machine;
        Names = Bits.Make(Machine.Trie.Count);
        _nameBits = new ulong[Machine.Trie.Count];
        for (int i = 0; i < Machine.Trie.Count; i++)
        {
            int length = CodePoints.Count(Machine.Trie.Names[i]);
            if (atoms.HoldsForName(demand, i, length))
            {
                Bits.Set(Names, i);
            }

            for (int t = 0; t < tracked.Length; t++)
            {
                _nameBits[i] |= atoms.HoldsForName(tracked[t], i, length) ? 1UL << t : 0;
            }
        }

        int[] starts = [.. atoms.Lengths.Prepend(0).Distinct().Order()];
        _regions = new TextRegion[starts.Length];
        _live = new LiveStates?[starts.Length];
        int labels = Machine.Automaton.Labels.Count;
        for (int r = 0; r < starts.Length; r++)
        {
            bool[] admitted = new bool[labels];
            ulong[] bits = new ulong[labels];
            for (int label = 0; label < labels; label++)
            {
                admitted[label] = atoms.HoldsForLabel(demand, label, starts[r]);
                for (int t = 0; t < tracked.Length; t++)
                {
                    bits[label] |= atoms.HoldsForLabel(tracked[t], label, starts[r]) ? 1UL << t : 0;
                }
            }

            _regions[r] = new TextRegion(
                Machine, starts[r], r + 1 < starts.Length ? starts[r + 1] - 1 : int.MaxValue, admitted, bits, limits);
        }

        IsFree = Machine.Automaton.IsTrivial && Machine.Trie.Count == 0;
        Single = _regions.Length == 1 ? new Gate(Names, _regions[0].Labels) : null;
    }

    public TextMachine Machine { get; }

    /// <summary>Names that are admitted.</summary>
    public ulong[] Names { get; }

    /// <summary>The ranges of counts, ascending.</summary>
    public IReadOnlyList<TextRegion> Regions => _regions;

    /// <summary>Only the length counts: names and automata have no say.</summary>
    public bool IsFree { get; }

    /// <summary>Words beyond the names are admitted, so there is no end of them to list.</summary>
    public bool HasFurther => _regions.Any(r => r.Labels.Contains(true));

    private Gate? Single { get; }


    /// <summary>The count that has to be known: all beyond the last bound are alike.</summary>
    public int Clip(int count) => Math.Min(count, _regions[^1].First);

    /// <summary>A count that masks cannot tell from this one, given how far one token reaches.</summary>
    public int Canonical(int count, int reach)
    {
        TextRegion region = _regions[RegionOf(count)];
        if (region.Last == int.MaxValue)
        {
            return region.First;
        }

        int margin = reach + (IsFree ? 0 : Machine.Automaton.States);
        bool alone = IsFree || !_regions.Any(r => r.First > count && r.Labels.Contains(true));
        return alone && region.Last - count > margin ? region.First : count;
    }

    /// <summary>Code points that there is room for, where only the length counts.</summary>
    public int Room(int count)
    {
        for (int r = _regions.Length - 1; r >= 0; r--)
        {
            if (_regions[r].Labels[0])
            {
                return _regions[r].Last == int.MaxValue ? int.MaxValue : Math.Max(0, _regions[r].Last - count);
            }
        }

        return 0;
    }

    /// <summary>
    /// The states that are live, where that does not depend on the count as far as a token reaches; null where it does, or where only
    /// names are admitted.
    /// </summary>
    public LiveStates? LiveStates(int count, int reach)
    {
        int r = RegionOf(count);
        TextRegion region = _regions[r];
        bool far = region.Last == int.MaxValue || region.Last - count > reach + Machine.Automaton.States;
        if (!far || !region.Labels.Contains(true) || _regions.Skip(r + 1).Any(later => later.Labels.Contains(true)))
        {
            return null;
        }

        return _live[r] ??= new LiveStates(Machine.Automaton, region.Labels);
    }

    /// <summary>Equal for words after which all is alike.</summary>
    public (int Word, int Region) OutcomeOf(int node, int state, int count) => Machine.Trie.NameAt(node) is >= 0 and int name
        ? (name, -1)
        : (Machine.Automaton.LabelOf(state), RegionOf(count));

    public bool Live(int node, int state, int count)
    {
        if (Single is not null)
        {
            return Machine.Automaton.IsTrivial && Single.Labels[0] || Machine.Live(node, state, Single);
        }

        (int first, int end) = Machine.Trie.Range(node);
        return (first < end && Bits.AnyIn(Names, first, end)) || LengthFits(state, count);
    }

    public bool LiveWithin(int node, int state, int count, int low, int high)
    {
        if (low > high)
        {
            return false;
        }

        if (IsFree)
        {
            return LengthFits(0, count + 1);
        }

        return Single is not null
            ? Machine.LiveWithin(node, state, Single, low, high)
            : Machine.AnyWithin(node, state, low, high, (n, s) => Live(n, s, count + 1));
    }

    public bool Accepts(int node, int state, int count) => Machine.Trie.NameAt(node) is >= 0 and int name
        ? Bits.Has(Names, name)
        : _regions[RegionOf(count)].Labels[Machine.Automaton.LabelOf(state)];

    public ulong Verdicts(int node, int state, int count) => Machine.Trie.NameAt(node) is >= 0 and int name
        ? _nameBits[name]
        : _regions[RegionOf(count)].Verdicts[Machine.Automaton.LabelOf(state)];

    private static bool Passes(Atom? atom, string value) => atom switch
    {
        Atom.StringIn values => values.Values.Contains(value),
        Atom.Matches matches => matches.Automaton.Matches(value),
        Atom.MinLength min => CodePoints.Count(value) >= min.Length,
        Atom.MaxLength max => CodePoints.Count(value) <= max.Length,
        _ => true,
    };

    private int RegionOf(int count)
    {
        int region = 0;
        while (region + 1 < _regions.Length && _regions[region + 1].First <= count)
        {
            region++;
        }

        return region;
    }

    private bool LengthFits(int state, int count)
    {
        for (int r = RegionOf(count); r < _regions.Length; r++)
        {
            if (_regions[r].CanEnd(state, count))
            {
                return true;
            }
        }

        return false;
    }
}
