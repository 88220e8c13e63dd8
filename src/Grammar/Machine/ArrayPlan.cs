using XLLM.Grammar.Formulas;

namespace XLLM.Grammar.Machine;

/// <summary>What arrays a goal takes: items by position, counts, <c>contains</c>, distinct items.</summary>
internal sealed class ArrayPlan
{
    private const int MaxVerdicts = 256;

    private readonly JsonMachine _machine;
    private readonly Formula _demand;
    private readonly Formula[] _tracked;
    private readonly Atom.Items[] _items;
    private readonly Atom[] _contains;
    private readonly Dictionary<Atom, int> _bits = [];
    private readonly int _clip;
    private readonly int _prefix;
    private readonly int _min;
    private readonly int _max = int.MaxValue;
    private readonly Dictionary<int, ChildPlan> _plainItems = [];

    public ArrayPlan(JsonMachine machine, Formula demand, Formula[] tracked)
    {
        _machine = machine;
        _demand = demand;
        _tracked = tracked;
        List<Atom> atoms = Formula.AtomsOf([demand, .. tracked]);

        _items = [.. atoms.OfType<Atom.Items>()];
        _contains = [.. atoms.Where(a => a is Atom.MinContains or Atom.MaxContains)];
        IsUnique = atoms.Exists(a => a is Atom.Unique);
        foreach (Atom atom in (Atom[])[.. _items, .. atoms.Where(a => a is Atom.Unique)])
        {
            _bits.Add(atom, _bits.Count);
        }

        if (_bits.Count > 64)
        {
            throw new GrammarRefusedException("#", "limit", "more than 64 alternatives of arrays have to be told apart at once");
        }

        Formula[] parts = demand.Kind == FormulaKind.And ? demand.Args : [demand];
        IsPlain = tracked.Length == 0 && _contains.Length == 0 && parts.All(p => p.IsTrue || p.Atom is not null);
        _prefix = _items.Select(i => i.Prefix.Count).DefaultIfEmpty().Max();
        int counts = 0;
        foreach (Atom atom in atoms)
        {
            counts = Math.Max(counts, atom switch
            {
                Atom.MinItems min => min.Count,
                Atom.MaxItems max => max.Count == int.MaxValue ? 0 : max.Count + 1,
                _ => 0,
            });
        }

        _clip = Math.Max(_prefix, counts);
        if (IsPlain)
        {
            _min = atoms.OfType<Atom.MinItems>().Select(m => m.Count).DefaultIfEmpty().Max();
            _max = atoms.OfType<Atom.MaxItems>().Select(m => m.Count).DefaultIfEmpty(int.MaxValue).Min();
        }
    }

    public bool IsPlain { get; }

    public bool IsUnique { get; }

    public ArrayFrame Open(Frame? parent, Goal goal) => new(parent, goal, this, 0) { Matches = new int[_contains.Length] };

    public bool CanStart => CanFinish(Open(null, null!));

    public bool CanClose(ArrayFrame frame) => IsPlain
        ? frame.Count >= _min && frame.Count <= _max && frame.Failed == 0
        : _demand.Holds(a => Truth(a, frame));

    public ulong Verdicts(ArrayFrame frame)
    {
        ulong bits = 0;
        for (int i = 0; i < _tracked.Length; i++)
        {
            bits |= _tracked[i].Holds(a => Truth(a, frame)) ? 1UL << i : 0;
        }

        return bits;
    }

    /// <summary>What the next item must be; null when there can be none.</summary>
    public ChildPlan? NextItem(ArrayFrame frame)
    {
        if (IsPlain && !IsUnique)
        {
            if (frame.Count >= _max)
            {
                return null;
            }

            int position = Math.Min(frame.Count, _prefix);
            if (!_plainItems.TryGetValue(position, out ChildPlan? plain))
            {
                plain = new ChildPlan(_machine.GoalFor(All(position), [], frame.Goal.Hashed), 0, []);
                _plainItems.Add(position, plain);
            }

            return _machine.Satisfiable(plain.Goal.Demand) && PlainFinishes(frame.Count + 1) ? plain : null;
        }

        return SearchItem(frame);
    }

    /// <summary>The array with one more item, of which the verdicts and the hash are known.</summary>
    public ArrayFrame With(ArrayFrame frame, ChildPlan child, ulong verdicts, ulong itemHash, ulong hash)
    {
        ulong failed = frame.Failed | child.Failed;
        int[] matches = frame.Matches;
        for (int i = 0; i < child.Marks.Length; i++)
        {
            ulong marks = child.Marks[i];
            if ((verdicts >> i & 1) == 0)
            {
                failed |= marks & (_bits.Count == 64 ? ulong.MaxValue : (1UL << _bits.Count) - 1);
                continue;
            }

            for (int c = 0; c < _contains.Length; c++)
            {
                if ((marks >> (_bits.Count + c) & 1) != 0)
                {
                    if (ReferenceEquals(matches, frame.Matches))
                    {
                        matches = (int[])matches.Clone();
                    }

                    matches[c] = Math.Min(matches[c] + 1, Need(c) + 1);
                }
            }
        }

        if (IsUnique && TakenKeys.Has(frame.Items, itemHash))
        {
            foreach ((Atom atom, int bit) in _bits)
            {
                failed |= atom is Atom.Unique ? 1UL << bit : 0;
            }
        }

        return new ArrayFrame(frame.Parent, frame.Goal, this, hash)
        {
            Count = Math.Min(frame.Count + 1, IsUnique ? int.MaxValue : _clip),
            Failed = failed,
            Matches = matches,
            Items = IsUnique ? new TakenKeys(itemHash, 0, frame.Items) : null,
        };
    }

    /// <summary>Whether the array can be brought to an end that is wanted.</summary>
    public bool CanFinish(ArrayFrame frame)
    {
        if (IsPlain && !IsUnique)
        {
            return PlainFinishes(frame.Count);
        }

        if (CanClose(frame))
        {
            return true;
        }

        LiteralSearch search = new(a => Known(a, frame), literals => Fits(frame, literals), _machine.Limits.MaxBranches);
        return search.Find(_demand) || search.Exhausted;
    }

    private int Need(int contains) => _contains[contains] switch
    {
        Atom.MinContains min => min.Count,
        Atom.MaxContains max => max.Count,
        _ => 0,
    };

    private Child ContainsItem(int contains) => _contains[contains] switch
    {
        Atom.MinContains min => min.Item,
        Atom.MaxContains max => max.Item,
        _ => throw new InvalidOperationException("not a contains"),
    };

    private bool PlainFinishes(int count)
    {
        if (count > _max || _min > _max)
        {
            return false;
        }

        for (int i = count; i < _min; i++)
        {
            if (!_machine.Satisfiable(All(Math.Min(i, _prefix))))
            {
                return false;
            }

            if (i >= _prefix)
            {
                break;
            }
        }

        return true;
    }

    private Formula Wanted(int items, int position)
    {
        Atom.Items atom = _items[items];
        return position < atom.Prefix.Count ? atom.Prefix[position].Formula : atom.Rest?.Formula ?? _machine.Pool.True;
    }

    private Formula All(int position)
    {
        Formula all = _machine.Pool.True;
        for (int i = 0; i < _items.Length; i++)
        {
            all = _machine.Pool.And(all, Wanted(i, position));
        }

        return all;
    }

    private bool Truth(Atom atom, ArrayFrame frame) => atom switch
    {
        Atom.MinItems min => frame.Count >= min.Count,
        Atom.MaxItems max => frame.Count <= max.Count,
        Atom.MinContains min => frame.Matches[Array.IndexOf(_contains, atom)] >= min.Count,
        Atom.MaxContains max => frame.Matches[Array.IndexOf(_contains, atom)] <= max.Count,
        _ => !_bits.TryGetValue(atom, out int bit) || (frame.Failed >> bit & 1) == 0,
    };

    private bool? Known(Atom atom, ArrayFrame frame) => atom switch
    {
        Atom.MinItems or Atom.MinContains => Truth(atom, frame) ? true : null,
        Atom.MaxItems or Atom.MaxContains => Truth(atom, frame) ? null : false,
        _ => _bits.TryGetValue(atom, out int bit) && (frame.Failed >> bit & 1) != 0 ? false : null,
    };

    private bool Fits(ArrayFrame frame, Dictionary<Atom, bool> literals)
    {
        int min = 0, max = int.MaxValue;
        List<int> kept = [];
        List<Func<int, Formula>> needs = [];
        List<(Formula Item, int Left)> limits = [];
        bool unique = false;
        foreach ((Atom atom, bool holds) in literals)
        {
            switch (atom)
            {
                case Atom.MinItems least:
                    (min, max) = holds ? (Math.Max(min, least.Count), max) : (min, Math.Min(max, least.Count - 1));
                    break;
                case Atom.MaxItems most:
                    (min, max) = holds ? (min, Math.Min(max, most.Count)) : (Math.Max(min, most.Count + 1), max);
                    break;
                case Atom.Items when holds:
                    kept.Add(_bits[atom]);
                    break;
                case Atom.Items:
                    int broken = _bits[atom];
                    needs.Add(p => _machine.Pool.Not(Wanted(broken, p)));
                    break;
                case Atom.MinContains or Atom.MaxContains:
                    int at = Array.IndexOf(_contains, atom);
                    Formula item = ContainsItem(at).Formula;
                    bool more = holds == atom is Atom.MinContains;
                    int bound = atom is Atom.MinContains ? Need(at) - (holds ? 0 : 1) : Need(at) + (holds ? 0 : 1);
                    if (more)
                    {
                        for (int i = frame.Matches[at]; i < bound; i++)
                        {
                            needs.Add(_ => item);
                        }
                    }
                    else
                    {
                        limits.Add((item, bound - frame.Matches[at]));
                    }

                    break;
                case Atom.Unique:
                    unique = holds;
                    if (!holds)
                    {
                        min = Math.Max(min, frame.Count == 0 ? 2 : frame.Count + 1);
                    }

                    break;
            }
        }

        if (min > max || frame.Count > max || limits.Exists(l => l.Left < 0))
        {
            return false;
        }

        List<Func<int, Formula>> left = [.. needs];
        int position = frame.Count;
        while (left.Count > 0 || position < min)
        {
            if (position >= max)
            {
                return false;
            }

            int place = Math.Min(position, _prefix);
            Formula item = _machine.Pool.And(kept.Select(k => Wanted(k, place)).ToList());
            foreach ((Formula limited, int allowed) in limits)
            {
                item = allowed <= 0 ? _machine.Pool.And(item, _machine.Pool.Not(limited)) : item;
            }

            int taken = left.FindIndex(need => _machine.Satisfiable(_machine.Pool.And(item, need(place))));
            if (taken >= 0)
            {
                left.RemoveAt(taken);
            }
            else if (!_machine.Satisfiable(item) || (place == _prefix && left.Count > 0))
            {
                return false;
            }
            else if (place == _prefix)
            {
                position = Math.Max(position, min - 1);
            }

            if (unique && place == _prefix && _machine.CountValues(item) is { } few && frame.Items is not null
                && few < min - Math.Min(frame.Count, _prefix))
            {
                return false;
            }

            position++;
        }

        return !unique || frame.Items is not null || _prefix > 0 || min == 0
            || _machine.CountValues(All(0)) is not { } values || values >= min;
    }

    private ChildPlan? SearchItem(ArrayFrame frame)
    {
        int position = Math.Min(frame.Count, _prefix);
        Formula[] must = _demand.Kind == FormulaKind.And ? _demand.Args : [_demand];
        Formula demand = _machine.Pool.True;
        List<Formula> open = [];
        List<ulong> marks = [];
        ulong failed = 0;
        for (int i = 0; i < _items.Length; i++)
        {
            if ((frame.Failed >> i & 1) != 0)
            {
                continue;
            }

            Formula wanted = Wanted(i, position);
            if (Array.Exists(must, m => ReferenceEquals(m.Atom, _items[i])))
            {
                demand = _machine.Pool.And(demand, wanted);
            }
            else if (wanted.IsFalse)
            {
                failed |= 1UL << i;
            }
            else if (!wanted.IsTrue)
            {
                Mark(wanted, i);
            }
        }

        for (int c = 0; c < _contains.Length; c++)
        {
            Mark(ContainsItem(c).Formula, _bits.Count + c);
        }

        bool mustDiffer = Array.Exists(must, m => m.Atom is Atom.Unique);
        if (mustDiffer)
        {
            demand = _machine.WithoutTaken(demand, frame.Items);
        }

        ChildPlan probe = new(null!, failed, [.. marks]);
        Formula? whole = VerdictSearch.Demand(_machine, demand, open, MaxVerdicts, bits =>
            CanFinish(With(frame, probe, bits, ulong.MaxValue - (ulong)frame.Count, 0)));
        return whole is null ? null : probe with { Goal = _machine.GoalFor(whole, [.. open], IsUnique || frame.Goal.Hashed) };

        void Mark(Formula formula, int bit)
        {
            int at = open.IndexOf(formula);
            if (at < 0)
            {
                at = open.Count;
                open.Add(formula);
                marks.Add(0);
            }

            marks[at] |= 1UL << bit;
        }
    }
}
