using System.Numerics;
using XLLM.Grammar.Formulas;

namespace XLLM.Grammar.Machine;

/// <summary>Small finite sets of values, for arrays whose items must differ.</summary>
internal sealed partial class JsonMachine
{
    private const int MaxValues = 1_000;

    private readonly Dictionary<Formula, Listed?> _listed = [];

    /// <summary>How many values satisfy the formula; null = many, or not known to be few.</summary>
    public int? CountValues(Formula formula) => List(formula)?.Count;

    /// <summary>The formula without values whose hashes are taken, where only few values satisfy it.</summary>
    public Formula WithoutTaken(Formula formula, TakenKeys? taken)
    {
        if (taken is null || List(formula) is not { } values)
        {
            return formula;
        }

        HashSet<string> strings = [.. values.Strings.Where(s => TakenKeys.Has(taken, ValueHash.Of(s)))];
        HashSet<Dec> numbers = [.. values.Numbers.Where(n => TakenKeys.Has(taken, ValueHash.Of(n)))];
        List<Formula> parts = [formula];
        if (strings.Count > 0)
        {
            parts.Add(Pool.Not(Pool.And(Pool.Kinds(ValueKind.String), Pool.Of(new Atom.StringIn(strings)))));
        }

        if (numbers.Count > 0)
        {
            parts.Add(Pool.Not(Pool.And(Pool.Kinds(ValueKind.Number), Pool.Of(new Atom.NumberIn(numbers)))));
        }

        parts.AddRange(values.Literals
            .Where(kind => TakenKeys.Has(taken, ValueHash.Empty(kind)))
            .Select(kind => Pool.Not(Pool.Kinds(kind))));
        return Pool.And(parts);
    }

    private Listed? List(Formula formula)
    {
        if (!_listed.TryGetValue(formula, out Listed? listed))
        {
            listed = MakeList(formula);
            if (Settled)
            {
                _listed.Add(formula, listed);
            }
        }

        return listed;
    }

    private Listed? MakeList(Formula formula)
    {
        if (Satisfiable(Pool.ForKind(formula, ValueKind.Array), ValueKind.Array)
            || Satisfiable(Pool.ForKind(formula, ValueKind.Object), ValueKind.Object))
        {
            return null;
        }

        List<ValueKind> literals = [.. ((ValueKind[])[ValueKind.Null, ValueKind.False, ValueKind.True])
            .Where(kind => Pool.ForKind(formula, kind).IsTrue)];
        Goal goal = GoalFor(formula, [], false);
        List<string> strings = [];
        if (goal.Can(ValueKind.String))
        {
            TextPlan text = goal.Text;
            if (text.HasFurther)
            {
                return null;
            }

            string[] names = text.Machine.Trie.Names;
            strings = [.. names.Where((_, i) => Bits.Has(text.Names, i))];
        }

        List<Dec>? numbers = goal.Can(ValueKind.Number) ? NumbersOf(Pool.ForKind(formula, ValueKind.Number)) : [];
        return numbers is null || strings.Count + numbers.Count > MaxValues ? null : new Listed(literals, strings, numbers);
    }

    private static List<Dec>? NumbersOf(Formula formula)
    {
        Formula[] parts = formula.Kind == FormulaKind.And ? formula.Args : [formula];
        bool Holds(Dec value) => formula.Holds(atom => atom switch
        {
            Atom.Bound bound => value.CompareTo(bound.Value) is var order && (order == 0 ? !bound.Exclusive : order > 0 != bound.Upper),
            Atom.MultipleOf multiple => value.IsMultipleOf(multiple.Unit),
            Atom.NumberIn values => values.Values.Contains(value),
            _ => true,
        });
        if (Array.Find(parts, p => p.Atom is Atom.NumberIn)?.Atom is Atom.NumberIn listed)
        {
            return [.. listed.Values.Where(Holds)];
        }

        bool whole = Array.Exists(parts, p => p.Atom is Atom.MultipleOf { Unit.IsInteger: true } or Atom.PlainInteger);
        Dec[] low = [.. parts.Select(p => p.Atom).OfType<Atom.Bound>().Where(b => !b.Upper).Select(b => b.Value)];
        Dec[] high = [.. parts.Select(p => p.Atom).OfType<Atom.Bound>().Where(b => b.Upper).Select(b => b.Value)];
        if (!whole || low.Length == 0 || high.Length == 0)
        {
            return null;
        }

        BigInteger from = Floor(low.Max()), to = Floor(high.Min()) + 1;
        if (to - from > MaxValues)
        {
            return null;
        }

        List<Dec> values = [];
        for (BigInteger n = from; n <= to; n++)
        {
            Dec value = new(n, 0);
            if (Holds(value))
            {
                values.Add(value);
            }
        }

        return values;
    }

    private static BigInteger Floor(Dec value)
    {
        if (value.IsInteger)
        {
            return value.Scaled(0);
        }

        BigInteger unit = BigInteger.Pow(10, -value.Exponent);
        BigInteger floor = BigInteger.DivRem(value.Mantissa, unit, out BigInteger rest);
        return rest.Sign < 0 ? floor - 1 : floor;
    }

    private sealed record Listed(List<ValueKind> Literals, List<string> Strings, List<Dec> Numbers)
    {
        public int Count => Literals.Count + Strings.Count + Numbers.Count;
    }
}
