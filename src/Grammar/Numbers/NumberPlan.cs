using XLLM.Grammar.Formulas;
using XLLM.Grammar.Machine;

namespace XLLM.Grammar.Numbers;

/// <summary>What numbers a goal takes.</summary>
internal sealed class NumberPlan
{
    private readonly Formula _demand;
    private readonly Formula[] _tracked;
    private readonly List<NumberCase> _cases = [];

    public NumberPlan(Formula demand, Formula[] tracked, GrammarLimits limits)
    {
        _demand = demand;
        _tracked = tracked;
        IsFree = demand.IsTrue && tracked.All(t => t.IsTrue || t.IsFalse);
        if (!demand.IsTrue)
        {
            LiteralSearch search = new(static _ => null, literals =>
            {
                if (NumberCase.From(literals) is { } found)
                {
                    _cases.Add(found);
                }

                return false;
            }, limits.MaxBranches);
            search.Find(demand);
        }
    }

    /// <summary>Any number will do, and nothing has to be known of it.</summary>
    public bool IsFree { get; }

    public bool CanComplete(NumberText text)
    {
        if (_demand.IsTrue)
        {
            return true;
        }

        foreach (NumberCase one in _cases)
        {
            if (one.CanComplete(text))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether any digits may follow a text with digits (or, null, begin with another than 0).</summary>
    public bool TakesDigits(NumberText? text) => text is not { DigitCount: > 300 } && (_demand.IsTrue || _cases.Exists(c => c.TakesDigits(text)));

    public bool Accepts(NumberText text) => text.IsComplete && (_demand.IsTrue || _demand.Holds(a => Truth(a, text)));

    /// <summary>Which of the tracked formulas hold.</summary>
    public ulong Verdicts(NumberText text)
    {
        ulong bits = 0;
        for (int i = 0; i < _tracked.Length; i++)
        {
            if (_tracked[i].Holds(a => Truth(a, text)))
            {
                bits |= 1UL << i;
            }
        }

        return bits;
    }

    private static bool Truth(Atom atom, NumberText text)
    {
        Dec value = text.Value;
        return atom switch
        {
            Atom.Bound bound => value.CompareTo(bound.Value) is var order
                && (order == 0 ? !bound.Exclusive : order > 0 != bound.Upper),
            Atom.MultipleOf multiple => value.IsMultipleOf(multiple.Unit),
            Atom.NumberIn values => values.Values.Contains(value),
            Atom.PlainInteger => text.Phase is NumberPhase.Zero or NumberPhase.Integer,
            _ => true,
        };
    }
}
