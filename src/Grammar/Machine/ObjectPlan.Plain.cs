using XLLM.Grammar.Formulas;

namespace XLLM.Grammar.Machine;

/// <summary>Plain conjunctions: every atom must hold, so each key is judged for itself.</summary>
internal sealed partial class ObjectPlan
{
    private Formula Whole(int keyClass)
    {
        Formula wanted = _machine.Pool.True;
        for (int p = 0; p < _properties.Length; p++)
        {
            wanted = _machine.Pool.And(wanted, Wanted(p, keyClass));
        }

        return wanted;
    }

    private ChildPlan PlainChild(int keyClass) =>
        _plainChildren[keyClass] ??= new ChildPlan(_machine.GoalFor(Whole(keyClass), [], false), 0, []);

    /// <summary>Whether keys of a class are possible at all.</summary>
    private bool ClassOk(int keyClass)
    {
        sbyte known = _classOk[keyClass];
        if (known != 0)
        {
            return known > 0;
        }

        bool ok = _propertyNames.All(p => NameHolds(p, keyClass)) && _machine.Satisfiable(Whole(keyClass));
        if (_machine.Settled)
        {
            _classOk[keyClass] = (sbyte)(ok ? 1 : -1);
        }

        return ok;
    }

    private bool PlainAllows(ObjectState state, int keyClass)
    {
        int missing = Bits.CountWithout(_required, state.Seen);
        bool name = IsName(keyClass);
        if (name && (!MayAdd(state, keyClass) || !ClassOk(keyClass)))
        {
            return false;
        }

        if (!name && ((!_machine.AnyOrder && missing > 0) || !ClassOk(keyClass)))
        {
            return false;
        }

        if (name && Bits.Has(_required, keyClass))
        {
            missing--;
        }

        if (_max != int.MaxValue && (long)state.Count + 1 + missing > _max)
        {
            return false;
        }

        return !name || _machine.AnyOrder || missing == 0 || !MissesBefore(state, _order[keyClass]);
    }

    private bool MissesBefore(ObjectState state, int order)
    {
        for (int i = 0; i < NameCount; i++)
        {
            if (Bits.Has(_required, i) && !Bits.Has(state.Seen, i) && _order[i] < order)
            {
                return true;
            }
        }

        return false;
    }

    private bool PlainFinishes(ObjectState state)
    {
        int missing = 0;
        for (int i = 0; i < NameCount; i++)
        {
            if (Bits.Has(_required, i) && !Bits.Has(state.Seen, i))
            {
                missing++;
                if (!MayAdd(state, i) || !ClassOk(i))
                {
                    return false;
                }
            }
        }

        if ((long)state.Count + missing > _max)
        {
            return false;
        }

        long count = state.Count + missing;
        if (count >= _min)
        {
            return true;
        }

        if (_min > _max)
        {
            return false;
        }

        for (int i = 0; i < NameCount && count < _min; i++)
        {
            if (!Bits.Has(_required, i) && MayAdd(state, i) && ClassOk(i))
            {
                count++;
            }
        }

        for (int label = 0; label < Labels && count < _min; label++)
        {
            if (ClassOk(NameCount + label))
            {
                count = Math.Min(_min, count + Math.Min(Free(label), int.MaxValue));
            }
        }

        return count >= _min;
    }

    /// <summary>Words of a label that are no names.</summary>
    private long Free(int label)
    {
        long words = Keys.Automaton.IsTrivial ? long.MaxValue : Keys.Automaton.Words(0, label);
        if (words == long.MaxValue)
        {
            return words;
        }

        foreach (int named in Keys.NameLabels)
        {
            words -= named == label ? 1 : 0;
        }

        return words;
    }
}
