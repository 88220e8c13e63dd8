namespace XLLM.Grammar.Formulas;

/// <summary>Makes formulas, each once and lightly simplified. Not thread-safe.</summary>
internal sealed class FormulaPool
{
    public const int AllKinds = 0x7F;

    private readonly Dictionary<Key, Formula> _formulas = [];
    private readonly Dictionary<Atom, Formula> _atoms = [];
    private readonly GrammarLimits _limits;
    private int _count;

    public FormulaPool(GrammarLimits limits)
    {
        _limits = limits;
        False = new Formula(_count++, FormulaKind.False, [], null);
        True = new Formula(_count++, FormulaKind.True, [], null);
    }

    /// <summary>Formulas made so far.</summary>
    public int Count => _count;

    public Formula False { get; }

    public Formula True { get; }

    public Formula Of(bool value) => value ? True : False;

    public Formula Of(Atom atom)
    {
        if (atom is Atom.OfKind { Kinds: AllKinds or 0 } kinds)
        {
            return Of(kinds.Kinds != 0);
        }

        if (!_atoms.TryGetValue(atom, out Formula? formula))
        {
            formula = New(FormulaKind.Atom, [], atom);
            _atoms.Add(atom, formula);
        }

        return formula;
    }

    public Formula Kinds(params ReadOnlySpan<ValueKind> kinds)
    {
        int bits = 0;
        foreach (ValueKind kind in kinds)
        {
            bits |= 1 << (int)kind;
        }

        return Of(new Atom.OfKind(bits));
    }

    public Formula And(params IEnumerable<Formula> parts) => Join(FormulaKind.And, parts, False, True);

    public Formula Or(params IEnumerable<Formula> parts) => Join(FormulaKind.Or, parts, True, False);

    public Formula Not(Formula part) => part.Kind switch
    {
        FormulaKind.True => False,
        FormulaKind.False => True,
        FormulaKind.Not => part.Args[0],
        _ when part.Atom is Atom.OfKind kinds => Of(new Atom.OfKind(AllKinds & ~kinds.Kinds)),
        _ => Intern(FormulaKind.Not, [part]),
    };

    public Formula One(IReadOnlyList<Formula> parts)
    {
        List<Formula> kept = [.. parts.Where(p => !p.IsFalse)];
        if (kept.Count(p => p.IsTrue) is int truths and > 0)
        {
            return truths > 1 ? False : And(kept.Where(p => !p.IsTrue).Select(Not));
        }

        // Equal branches hold together, so none of them may.
        List<Formula> twice = [.. kept.GroupBy(p => p.Id).Where(g => g.Count() > 1).Select(g => g.First())];
        if (twice.Count > 0)
        {
            return And([One([.. kept.Where(p => !twice.Contains(p))]), .. twice.Select(Not)]);
        }

        kept.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        return kept.Count switch
        {
            0 => False,
            1 => kept[0],
            _ => Intern(FormulaKind.One, [.. kept]),
        };
    }

    /// <summary>What a formula demands of values of one kind: a formula over atoms of that kind only.</summary>
    public Formula ForKind(Formula formula, ValueKind kind)
    {
        if (formula[kind] is { } known)
        {
            return known;
        }

        CheckStack();
        Formula made = formula.Kind switch
        {
            FormulaKind.True or FormulaKind.False => formula,
            FormulaKind.Atom when formula.Atom is Atom.OfKind kinds => Of((kinds.Kinds & (1 << (int)kind)) != 0),
            FormulaKind.Atom => formula.Atom!.Kind == kind ? formula : True,
            FormulaKind.And => And(formula.Args.Select(a => ForKind(a, kind))),
            FormulaKind.Or => Or(formula.Args.Select(a => ForKind(a, kind))),
            FormulaKind.Not => Not(ForKind(formula.Args[0], kind)),
            _ => One([.. formula.Args.Select(a => ForKind(a, kind))]),
        };
        formula[kind] = made;
        return made;
    }

    /// <summary>Ends what would recurse beyond the stack.</summary>
    /// <exception cref="GrammarRefusedException">Little of the stack is left.</exception>
    public static void CheckStack()
    {
        if (!System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new GrammarRefusedException("#", "limit", "the schema nests too deep");
        }
    }

    private Formula Join(FormulaKind kind, IEnumerable<Formula> parts, Formula absorbing, Formula neutral)
    {
        List<Formula> kept = [];
        int kinds = kind == FormulaKind.And ? AllKinds : 0;
        bool anyKinds = false;
        foreach (Formula part in parts)
        {
            if (part == absorbing)
            {
                return absorbing;
            }

            if (part == neutral)
            {
                continue;
            }

            foreach (Formula inner in part.Kind == kind ? part.Args : [part])
            {
                if (inner.Atom is Atom.OfKind of)
                {
                    anyKinds = true;
                    kinds = kind == FormulaKind.And ? kinds & of.Kinds : kinds | of.Kinds;
                }
                else
                {
                    kept.Add(inner);
                }
            }
        }

        if (anyKinds)
        {
            Formula of = Of(new Atom.OfKind(kinds));
            if (of == absorbing)
            {
                return absorbing;
            }

            if (of != neutral)
            {
                kept.Add(of);
            }
        }

        if (kept.Count > 1)
        {
            var seen = new HashSet<int>();
            kept.RemoveAll(p => !seen.Add(p.Id));
            if (kept.Any(p => p.Kind == FormulaKind.Not && seen.Contains(p.Args[0].Id)))
            {
                return absorbing;
            }
        }

        return kept.Count switch
        {
            0 => neutral,
            1 => kept[0],
            _ => Intern(kind, [.. kept]),
        };
    }

    private Formula Intern(FormulaKind kind, Formula[] args)
    {
        var key = new Key(kind, args);
        if (!_formulas.TryGetValue(key, out Formula? formula))
        {
            formula = New(kind, args, null);
            _formulas.Add(key, formula);
        }

        return formula;
    }

    private Formula New(FormulaKind kind, Formula[] args, Atom? atom) =>
        _count < _limits.MaxFormulas
            ? new Formula(_count++, kind, args, atom)
            : throw new GrammarRefusedException("#", "limit", $"more than {_limits.MaxFormulas} conditions are needed");

    private readonly struct Key(FormulaKind kind, Formula[] args) : IEquatable<Key>
    {
        private readonly FormulaKind _kind = kind;
        private readonly Formula[] _args = args;

        public bool Equals(Key other) => _kind == other._kind && _args.AsSpan().SequenceEqual(other._args);

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode()
        {
            HashCode hash = default;
            hash.Add(_kind);
            foreach (Formula arg in _args)
            {
                hash.Add(arg.Id);
            }

            return hash.ToHashCode();
        }
    }
}
