using XLLM.Grammar.Formulas;

namespace XLLM.Grammar.Machine;

/// <summary>
/// Depth-first search through the ways in which a formula can hold: every way is a conjunction of literals. Atoms that are decided
/// already are looked up, the others are assumed. Not thread-safe.
/// </summary>
internal sealed class LiteralSearch(Func<Atom, bool?> known, Func<Dictionary<Atom, bool>, bool> accept, int budget)
{
    private readonly Dictionary<Atom, bool> _literals = [];
    private readonly List<Atom> _trail = [];
    private int _budget = budget;

    /// <summary>The budget was spent before the search came to an end.</summary>
    public bool Exhausted => _budget <= 0;

    /// <summary>Whether some way is accepted.</summary>
    public bool Find(Formula formula) => Solve(new Todo(formula, true, null));

    private bool Solve(Todo? todo)
    {
        FormulaPool.CheckStack();
        int mark = _trail.Count;
        if (--_budget <= 0)
        {
            return false;
        }

        while (todo is not null)
        {
            Formula formula = todo.Formula;
            bool positive = todo.Positive;
            todo = todo.Next;
            switch (formula.Kind)
            {
                case FormulaKind.True or FormulaKind.False:
                    if (formula.IsTrue != positive)
                    {
                        return Undo(mark);
                    }

                    break;
                case FormulaKind.Not:
                    todo = new Todo(formula.Args[0], !positive, todo);
                    break;
                case FormulaKind.Atom:
                    if (!Assume(formula.Atom!, positive))
                    {
                        return Undo(mark);
                    }

                    break;
                case FormulaKind.And when positive:
                case FormulaKind.Or when !positive:
                    for (int i = formula.Args.Length - 1; i >= 0; i--)
                    {
                        todo = new Todo(formula.Args[i], positive, todo);
                    }

                    break;
                case FormulaKind.And or FormulaKind.Or:
                    foreach (Formula part in formula.Args)
                    {
                        if (Solve(new Todo(part, positive, todo)))
                        {
                            return true;
                        }
                    }

                    return Undo(mark);
                default:
                    return One(formula.Args, positive, todo) || Undo(mark);
            }
        }

        return accept(_literals) || Undo(mark);
    }

    private bool One(Formula[] parts, bool positive, Todo? todo)
    {
        if (!positive && Solve(Chosen(parts, -1, -1, todo)))
        {
            return true;
        }

        for (int i = 0; i < parts.Length; i++)
        {
            if (positive)
            {
                if (Solve(Chosen(parts, i, i, todo)))
                {
                    return true;
                }

                continue;
            }

            for (int j = i + 1; j < parts.Length; j++)
            {
                if (Solve(new Todo(parts[i], true, new Todo(parts[j], true, todo))))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>One part (or none) true, all others false.</summary>
    private static Todo? Chosen(Formula[] parts, int first, int second, Todo? todo)
    {
        for (int i = parts.Length - 1; i >= 0; i--)
        {
            if (i != first)
            {
                todo = new Todo(parts[i], i == second, todo);
            }
        }

        return first >= 0 ? new Todo(parts[first], true, todo) : todo;
    }

    private bool Assume(Atom atom, bool value)
    {
        if (known(atom) is { } decided)
        {
            return decided == value;
        }

        if (_literals.TryGetValue(atom, out bool assumed))
        {
            return assumed == value;
        }

        _literals.Add(atom, value);
        _trail.Add(atom);
        return true;
    }

    private bool Undo(int mark)
    {
        for (int i = _trail.Count - 1; i >= mark; i--)
        {
            _literals.Remove(_trail[i]);
        }

        _trail.RemoveRange(mark, _trail.Count - mark);
        return false;
    }

    private sealed record Todo(Formula Formula, bool Positive, Todo? Next);
}
