namespace XLLM.Grammar.Formulas;

/// <summary>Boolean formula over atoms, hash-consed by its pool.</summary>
internal sealed class Formula(int id, FormulaKind kind, Formula[] args, Atom? atom)
{
    private readonly Formula?[] _ofKind = new Formula?[7];

    public int Id { get; } = id;

    public FormulaKind Kind { get; } = kind;

    public Formula[] Args { get; } = args;

    public Atom? Atom { get; } = atom;

    public bool IsTrue => Kind == FormulaKind.True;

    public bool IsFalse => Kind == FormulaKind.False;

    /// <summary>What is left for values of a kind; filled by the pool.</summary>
    public Formula? this[ValueKind kind]
    {
        get => _ofKind[(int)kind];
        set => _ofKind[(int)kind] = value;
    }

    /// <summary>The truth under the truth of its atoms.</summary>
    public bool Holds(Func<Atom, bool> truth)
    {
        switch (Kind)
        {
            case FormulaKind.Atom:
                return truth(Atom!);
            case FormulaKind.Not:
                return !Args[0].Holds(truth);
            case FormulaKind.And:
                foreach (Formula part in Args)
                {
                    if (!part.Holds(truth))
                    {
                        return false;
                    }
                }

                return true;
            case FormulaKind.Or:
                foreach (Formula part in Args)
                {
                    if (part.Holds(truth))
                    {
                        return true;
                    }
                }

                return false;
            case FormulaKind.One:
                int held = 0;
                foreach (Formula part in Args)
                {
                    held += part.Holds(truth) ? 1 : 0;
                }

                return held == 1;
            default:
                return Kind == FormulaKind.True;
        }
    }

    /// <summary>The atoms of all these formulas; a part that several share is looked at once.</summary>
    public static List<Atom> AtomsOf(params IEnumerable<Formula> formulas)
    {
        List<Atom> atoms = [];
        HashSet<Formula> seen = [];
        foreach (Formula formula in formulas)
        {
            formula.CollectAtoms(atoms, seen);
        }

        return atoms;
    }

    private void CollectAtoms(List<Atom> atoms, HashSet<Formula> seen)
    {
        if (!seen.Add(this))
        {
            return;
        }

        if (Atom is not null)
        {
            atoms.Add(Atom);
        }

        foreach (Formula part in Args)
        {
            part.CollectAtoms(atoms, seen);
        }
    }
}
