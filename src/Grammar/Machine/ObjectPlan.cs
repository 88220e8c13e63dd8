using XLLM.Grammar.Formulas;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Machine;

/// <summary>
/// What objects a goal takes. A key is of a class: one of the names that the formulas speak of, or the label of all other words. A
/// plain conjunction without tracked formulas is decided by bit sets; everything else by search, remembered per state.
/// </summary>
internal sealed partial class ObjectPlan
{
    /// <summary>Words longer than this are left to the automaton.</summary>
    private const int LongWord = 200;

    private readonly JsonMachine _machine;
    private readonly Formula _demand;
    private readonly Formula[] _tracked;
    private readonly TextAtoms _keys;
    private readonly Atom.Properties[] _properties;
    private readonly Atom.PropertyNames[] _propertyNames;
    private readonly Dictionary<Atom, int> _bits = [];
    private readonly Dictionary<string, int> _names;
    private readonly Dictionary<ObjectState, bool> _finishes = [];
    private readonly Dictionary<(int Class, ObjectState State), ChildPlan?> _children = [];
    private readonly Dictionary<string, LiveStates> _live = new(StringComparer.Ordinal);
    private readonly ChildPlan?[] _plainChildren;
    private readonly sbyte[] _classOk;
    private readonly int[] _patternColumn;
    private readonly int[] _order;
    private readonly ulong[] _required;
    private readonly HashSet<int> _asked;
    private readonly int _min;
    private readonly int _max = int.MaxValue;
    private readonly int _clip;

    public ObjectPlan(JsonMachine machine, Formula demand, Formula[] tracked)
    {
        _machine = machine;
        _demand = demand;
        _tracked = tracked;
        List<Atom> atoms = Formula.AtomsOf([demand, .. tracked]);

        _properties = [.. atoms.OfType<Atom.Properties>()];
        _propertyNames = [.. atoms.OfType<Atom.PropertyNames>()];
        Formula[] parts = demand.Kind == FormulaKind.And ? demand.Args : [demand];
        IsPlain = tracked.Length == 0 && parts.All(p => p.IsTrue || p.Atom is not null);
        foreach (Atom atom in (Atom[])[.. _properties, .. _propertyNames])
        {
            _bits.Add(atom, _bits.Count);
        }

        if (!IsPlain && _bits.Count > 64)
        {
            throw new GrammarRefusedException("#", "limit", "more than 64 alternatives of objects have to be told apart at once");
        }

        List<string> declared = [.. _properties.SelectMany(p => p.Named.Select(n => n.Name))];
        declared.AddRange(atoms.OfType<Atom.Present>().Select(p => p.Name));
        List<Automaton> patterns = [.. _properties.SelectMany(p => p.Patterned.Select(q => q.Pattern))];
        _patternColumn = new int[_properties.Length];
        for (int p = 1; p < _properties.Length; p++)
        {
            _patternColumn[p] = _patternColumn[p - 1] + _properties[p - 1].Patterned.Count;
        }

        Formula[] nameFormulas = [.. _propertyNames.Select(p => machine.Pool.ForKind(p.Name.Formula, ValueKind.String))];
        _keys = new TextAtoms(nameFormulas, patterns, declared, machine.Limits);
        if (FewWords(_keys.Machine) is { Count: > 0 } few)
        {
            _keys = new TextAtoms(nameFormulas, patterns, [.. declared, .. few], machine.Limits);
        }

        string[] names = Keys.Trie.Names;
        _names = new Dictionary<string, int>(names.Length, StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
        {
            _names.Add(names[i], i);
        }

        _order = new int[names.Length];
        Array.Fill(_order, int.MaxValue - 1);
        int place = 0;
        foreach (string name in declared)
        {
            if (_order[_names[name]] == int.MaxValue - 1)
            {
                _order[_names[name]] = place++;
            }
        }

        _asked = [.. atoms.OfType<Atom.Present>().Select(p => _names[p.Name])];
        _required = Bits.Make(names.Length);
        if (IsPlain)
        {
            foreach (Atom.Present present in atoms.OfType<Atom.Present>())
            {
                Bits.Set(_required, _names[present.Name]);
            }

            _min = atoms.OfType<Atom.MinProperties>().Select(m => m.Count).DefaultIfEmpty().Max();
            _max = atoms.OfType<Atom.MaxProperties>().Select(m => m.Count).DefaultIfEmpty(int.MaxValue).Min();
        }

        _clip = atoms.Select(a => a switch
        {
            Atom.MinProperties min => min.Count,
            Atom.MaxProperties max => max.Count == int.MaxValue ? 0 : max.Count + 1,
            _ => 0,
        }).DefaultIfEmpty().Max();
        Labels = Keys.Automaton.Labels.Count;
        _plainChildren = new ChildPlan?[names.Length + Labels];
        _classOk = new sbyte[names.Length + Labels];
    }

    public bool IsPlain { get; }

    public TextMachine Keys => _keys.Machine;

    public int Labels { get; }

    private int NameCount => Keys.Trie.Count;

    public ObjectState Start => new(Bits.Make(NameCount), 0, 0, -1);

    public ObjectFrame Open(Frame? parent, Goal goal) => new(parent, goal, this, 0) { Seen = Bits.Make(NameCount) };

    /// <summary>The class of a key that ends in a state of the key machine.</summary>
    public int ClassOf(int node, int state) =>
        Keys.Trie.NameAt(node) is >= 0 and int name ? name : NameCount + Keys.Automaton.LabelOf(state);

    public bool IsName(int keyClass) => keyClass < NameCount;

    public int LabelOf(int keyClass) => keyClass - NameCount;

    /// <summary>The state once a key of a class has been added.</summary>
    public ObjectState After(ObjectState state, int keyClass) => new(
        IsName(keyClass) ? Bits.With(state.Seen, keyClass) : state.Seen,
        Math.Min(state.Count + 1, _clip),
        state.Failed,
        _machine.AnyOrder ? -1 : IsName(keyClass) ? _order[keyClass] : int.MaxValue);

    public static ObjectState StateOf(ObjectFrame frame) => new(frame.Seen, frame.Count, frame.Failed, frame.Last);

    /// <summary>Which keys may come next.</summary>
    public Gate MakeGate(ObjectFrame frame)
    {
        ObjectState state = StateOf(frame);
        ulong[] names = Bits.Make(NameCount);
        for (int i = 0; i < NameCount; i++)
        {
            if (MayAdd(state, i) && ChildFor(state, i) is not null)
            {
                Bits.Set(names, i);
            }
        }

        bool[] labels = new bool[Labels];
        int[]? taken = null;
        for (int label = 0; label < Labels; label++)
        {
            labels[label] = ChildFor(state, NameCount + label) is not null;
            if (labels[label] && frame.Taken is not null && Keys.Automaton.Words(0, label) != long.MaxValue)
            {
                taken ??= new int[Labels];
                for (TakenKeys? key = frame.Taken; key is not null; key = key.Next)
                {
                    taken[key.Label] += key.Label == label ? 1 : 0;
                }
            }
        }

        return new Gate(names, labels) { Taken = taken };
    }

    /// <summary>Whether a key brings the object nearer to its end: a required one, or one some formula asks for.</summary>
    public bool Helps(ObjectState state, int name) => IsPlain
        ? Bits.Has(_required, name)
        : _asked.Contains(name) && CanFinish(After(state, name));

    /// <summary>What the value of a key of a class must be; null when such a key may not come.</summary>
    public ChildPlan? ChildFor(ObjectState state, int keyClass)
    {
        if (IsPlain)
        {
            return PlainAllows(state, keyClass) ? PlainChild(keyClass) : null;
        }

        var key = (keyClass, state);
        if (!_children.TryGetValue(key, out ChildPlan? child))
        {
            child = SearchChild(state, keyClass);
            if (_machine.Settled)
            {
                Bound(_children);
                _children.Add(key, child);
            }
        }

        return child;
    }

    /// <summary>Whether the object may end here.</summary>
    public bool CanClose(ObjectState state)
    {
        if (!IsPlain)
        {
            return _demand.Holds(a => Truth(a, state));
        }

        return state.Count >= _min && Bits.CountWithout(_required, state.Seen) == 0;
    }

    /// <summary>Verdicts of the tracked formulas at the end.</summary>
    public ulong Verdicts(ObjectState state)
    {
        ulong bits = 0;
        for (int i = 0; i < _tracked.Length; i++)
        {
            bits |= _tracked[i].Holds(a => Truth(a, state)) ? 1UL << i : 0;
        }

        return bits;
    }

    /// <summary>Whether the object can be brought to an end that is wanted.</summary>
    public bool CanFinish(ObjectState state)
    {
        if (IsPlain)
        {
            return PlainFinishes(state);
        }

        if (!_finishes.TryGetValue(state, out bool can))
        {
            can = SearchEnd(state);
            if (_machine.Settled)
            {
                Bound(_finishes);
                _finishes.Add(state, can);
            }
        }

        return can;
    }

    /// <summary>The states of further keys that are live under a gate; null where that depends on the keys there are.</summary>
    public LiveStates? LiveStates(Gate gate)
    {
        if (gate.Taken is not null || !gate.Labels.Contains(true))
        {
            return null;
        }

        string key = string.Concat(gate.Labels.Select(l => l ? '1' : '0'));
        if (!_live.TryGetValue(key, out LiveStates? live))
        {
            live = new LiveStates(Keys.Automaton, gate.Labels);
            _live.Add(key, live);
        }

        return live;
    }

    /// <summary>The same goal, with the hash of its value wanted.</summary>
    public Goal Hashed(Goal goal) => _machine.GoalFor(goal.Demand, goal.Tracked, true);

    /// <summary>What is remembered per state is dropped when it has become much.</summary>
    private static void Bound<TKey, TValue>(Dictionary<TKey, TValue> known)
        where TKey : notnull
    {
        if (known.Count >= 50_000)
        {
            known.Clear();
        }
    }

    private bool MayAdd(ObjectState state, int name) =>
        !Bits.Has(state.Seen, name) && (_machine.AnyOrder || _order[name] > state.Last);

    private bool Truth(Atom atom, ObjectState state) => atom switch
    {
        Atom.Present present => Bits.Has(state.Seen, _names[present.Name]),
        Atom.MinProperties min => state.Count >= min.Count,
        Atom.MaxProperties max => state.Count <= max.Count,
        _ => !_bits.TryGetValue(atom, out int bit) || (state.Failed >> bit & 1) == 0,
    };

    private bool HasPattern(int properties, int pattern, int keyClass)
    {
        int label = IsName(keyClass) ? Keys.NameLabels[keyClass] : LabelOf(keyClass);
        return Keys.Automaton.Labels[label][_patternColumn[properties] + pattern];
    }

    /// <summary>What one Properties atom wants of the value of a key.</summary>
    private Formula Wanted(int properties, int keyClass)
    {
        Atom.Properties atom = _properties[properties];
        Formula wanted = _machine.Pool.True;
        bool covered = false;
        if (IsName(keyClass) && atom.ByName.TryGetValue(Keys.Trie.Names[keyClass], out Child? named))
        {
            wanted = named.Formula;
            covered = true;
        }

        for (int p = 0; p < atom.Patterned.Count; p++)
        {
            if (HasPattern(properties, p, keyClass))
            {
                wanted = _machine.Pool.And(wanted, atom.Patterned[p].Value.Formula);
                covered = true;
            }
        }

        return covered || atom.Additional is null ? wanted : atom.Additional.Formula;
    }

    private bool NameHolds(Atom.PropertyNames atom, int keyClass)
    {
        Formula formula = _machine.Pool.ForKind(atom.Name.Formula, ValueKind.String);
        return IsName(keyClass) ? _keys.HoldsForName(formula, keyClass) : _keys.HoldsForLabel(formula, LabelOf(keyClass));
    }

    /// <summary>The words of labels that have only a few: they are better named.</summary>
    private static List<string> FewWords(TextMachine machine)
    {
        const int Few = 64;
        List<string> words = [];
        if (machine.Automaton.IsTrivial)
        {
            return words;
        }

        for (int label = 0; label < machine.Automaton.Labels.Count; label++)
        {
            if (machine.Automaton.Words(0, label) is > 0 and <= Few)
            {
                Collect(machine.Automaton, 0, label, "", words);
            }
        }

        words.RemoveAll(w => w.Length > LongWord);

        return words;
    }

    private static void Collect(LabelAutomaton automaton, int state, int label, string prefix, List<string> words)
    {
        if (automaton.LabelOf(state) == label)
        {
            words.Add(prefix);
        }

        if (prefix.Length > LongWord)
        {
            return;
        }

        CodeClasses classes = automaton.Classes;
        for (int run = 0; run < classes.Starts.Length; run++)
        {
            int next = automaton.StepClass(state, classes.RunClasses[run]);
            if (automaton.Words(next, label) == 0)
            {
                continue;
            }

            int end = run + 1 < classes.Starts.Length ? classes.Starts[run + 1] : CharSet.Last + 1;
            for (int c = classes.Starts[run]; c < end; c++)
            {
                if (c is < 0xD800 or >= 0xE000)
                {
                    Collect(automaton, next, label, prefix + char.ConvertFromUtf32(c), words);
                }
            }
        }
    }
}
