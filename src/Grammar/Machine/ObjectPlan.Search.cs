using XLLM.Grammar.Formulas;

namespace XLLM.Grammar.Machine;

/// <summary>Formulas of any shape: satisfiability by search over literals, values by the verdicts that would do.</summary>
internal sealed partial class ObjectPlan
{
    private const int MaxVerdicts = 256;

    private bool? Known(Atom atom, ObjectState state)
    {
        switch (atom)
        {
            case Atom.Present present:
                int name = _names[present.Name];
                return Bits.Has(state.Seen, name) ? true : MayAdd(state, name) ? null : false;
            case Atom.MinProperties min:
                return state.Count >= min.Count ? true : null;
            case Atom.MaxProperties max:
                return state.Count > max.Count ? false : null;
            default:
                return _bits.TryGetValue(atom, out int bit) && (state.Failed >> bit & 1) != 0 ? false : null;
        }
    }

    private bool SearchEnd(ObjectState state)
    {
        if (CanClose(state))
        {
            return true;
        }

        LiteralSearch search = new(a => Known(a, state), literals => Fits(state, literals), _machine.Limits.MaxBranches);
        return search.Find(_demand) || search.Exhausted;
    }

    /// <summary>Whether the object can be completed so that all literals hold.</summary>
    private bool Fits(ObjectState state, Dictionary<Atom, bool> literals)
    {
        int min = 0, max = int.MaxValue;
        HashSet<int> needed = [];
        HashSet<int> absent = [];
        List<int> kept = [];
        List<int> broken = [];
        List<Atom.PropertyNames> names = [], badNames = [];
        foreach ((Atom atom, bool holds) in literals)
        {
            switch (atom)
            {
                case Atom.Present present:
                    (holds ? needed : absent).Add(_names[present.Name]);
                    break;
                case Atom.MinProperties least:
                    (min, max) = holds ? (Math.Max(min, least.Count), max) : (min, Math.Min(max, least.Count - 1));
                    break;
                case Atom.MaxProperties most:
                    (min, max) = holds ? (min, Math.Min(max, most.Count)) : (Math.Max(min, most.Count + 1), max);
                    break;
                case Atom.Properties:
                    (holds ? kept : broken).Add(_bits[atom]);
                    break;
                case Atom.PropertyNames property:
                    (holds ? names : badNames).Add(property);
                    break;
            }
        }

        Dictionary<int, Formula> wanted = [];
        Formula Base(int keyClass) => _machine.Pool.And(kept.Select(p => Wanted(p, keyClass)).ToList());
        bool Usable(int keyClass) => names.All(n => NameHolds(n, keyClass))
            && (!IsName(keyClass) || (MayAdd(state, keyClass) && !absent.Contains(keyClass)));
        foreach (int name in needed)
        {
            Formula formula = Base(name);
            if (!Usable(name) || !_machine.Satisfiable(formula))
            {
                return false;
            }

            wanted[name] = formula;
        }

        foreach (int atom in broken)
        {
            if (!Break(wanted, keyClass => _machine.Pool.Not(Wanted(atom, keyClass))))
            {
                return false;
            }
        }

        foreach (Atom.PropertyNames bad in badNames)
        {
            if (!Break(wanted, keyClass => _machine.Pool.Of(!NameHolds(bad, keyClass))))
            {
                return false;
            }
        }

        long count = (long)state.Count + wanted.Count;
        if (count > max || min > max)
        {
            return false;
        }

        for (int keyClass = 0; keyClass < NameCount + Labels && count < min; keyClass++)
        {
            if (!wanted.ContainsKey(keyClass) && Usable(keyClass) && _machine.Satisfiable(Base(keyClass)))
            {
                count += IsName(keyClass) ? 1 : Math.Min(Free(LabelOf(keyClass)), int.MaxValue);
            }
        }

        return count >= min;

        // Some key must have a value (or name) that breaks an atom: one that is needed anyhow, else one more.
        bool Break(Dictionary<int, Formula> chosen, Func<int, Formula> breaks)
        {
            foreach (int keyClass in chosen.Keys.ToList())
            {
                Formula both = _machine.Pool.And(chosen[keyClass], breaks(keyClass));
                if (_machine.Satisfiable(both))
                {
                    chosen[keyClass] = both;
                    return true;
                }
            }

            for (int keyClass = 0; keyClass < NameCount + Labels; keyClass++)
            {
                Formula how = breaks(keyClass);
                if (how.IsFalse || chosen.ContainsKey(keyClass) || !Usable(keyClass) || (!IsName(keyClass) && Free(LabelOf(keyClass)) <= 0))
                {
                    continue;
                }

                Formula both = _machine.Pool.And(Base(keyClass), how);
                if (_machine.Satisfiable(both))
                {
                    chosen[keyClass] = both;
                    return true;
                }
            }

            return false;
        }
    }

    private ChildPlan? SearchChild(ObjectState state, int keyClass)
    {
        ObjectState after = After(state, keyClass);
        if (IsName(keyClass) && !MayAdd(state, keyClass))
        {
            return null;
        }

        ulong failed = after.Failed;
        foreach (Atom.PropertyNames atom in _propertyNames)
        {
            failed |= NameHolds(atom, keyClass) ? 0 : 1UL << _bits[atom];
        }

        HashSet<int> forced = [];
        foreach (Formula part in _demand.Kind == FormulaKind.And ? _demand.Args : [_demand])
        {
            if (part.Atom is Atom.Properties must)
            {
                forced.Add(_bits[must]);
            }
        }

        Formula demand = _machine.Pool.True;
        List<Formula> open = [];
        List<ulong> marks = [];
        for (int p = 0; p < _properties.Length; p++)
        {
            if ((failed >> p & 1) != 0)
            {
                continue;
            }

            Formula wanted = Wanted(p, keyClass);
            if (forced.Contains(p))
            {
                demand = _machine.Pool.And(demand, wanted);
            }
            else if (wanted.IsFalse)
            {
                failed |= 1UL << p;
            }
            else if (!wanted.IsTrue)
            {
                int at = open.IndexOf(wanted);
                if (at < 0)
                {
                    at = open.Count;
                    open.Add(wanted);
                    marks.Add(0);
                }

                marks[at] |= 1UL << p;
            }
        }

        Formula? whole = VerdictSearch.Demand(
            _machine, demand, open, MaxVerdicts, bits => CanFinish(after with { Failed = failed | FailedBy(bits, marks) }));
        return whole is null ? null : new ChildPlan(_machine.GoalFor(whole, [.. open], false), failed & ~after.Failed, [.. marks]);
    }

    private static ulong FailedBy(ulong verdicts, List<ulong> marks)
    {
        ulong failed = 0;
        for (int i = 0; i < marks.Count; i++)
        {
            failed |= (verdicts >> i & 1) == 0 ? marks[i] : 0;
        }

        return failed;
    }
}
