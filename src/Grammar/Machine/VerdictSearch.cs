using XLLM.Grammar.Formulas;

namespace XLLM.Grammar.Machine;

/// <summary>
/// From what a container can live with (sets of verdicts about its next value) to what must be demanded of the value, so that no
/// value is begun whose verdict would be a dead end.
/// </summary>
internal static class VerdictSearch
{
    /// <summary>The demand, or null when no value will do.</summary>
    /// <param name="machine">Decides satisfiability.</param>
    /// <param name="demand">What is demanded in any case.</param>
    /// <param name="open">Formulas whose verdicts matter.</param>
    /// <param name="most">Sets of verdicts looked at; beyond it the demand is not narrowed.</param>
    /// <param name="acceptable">Whether the container can be completed after a set of verdicts (bit i = formula i holds).</param>
    public static Formula? Demand(JsonMachine machine, Formula demand, List<Formula> open, int most, Func<ulong, bool> acceptable)
    {
        if (open.Count > 64)
        {
            throw new GrammarRefusedException("#", "limit", "more than 64 alternatives of a value have to be told apart at once");
        }

        if (!machine.Satisfiable(demand))
        {
            return null;
        }

        FormulaPool pool = machine.Pool;
        List<ulong> good = [], bad = [];
        List<Formula> ways = [];
        bool complete = Walk(0, 0, demand);
        if (!complete)
        {
            return demand;
        }

        if (good.Count == 0)
        {
            return null;
        }

        if (bad.Count == 0)
        {
            return demand;
        }

        // The positive form reads better and is cheaper: some of the minimal good sets hold. It must let no bad set through.
        List<ulong> least = [.. good.Where(g => !good.Exists(o => o != g && (o & ~g) == 0))];
        if (!bad.Exists(b => least.Exists(g => (g & ~b) == 0)))
        {
            return pool.And(demand, pool.Or(least.Select(g => pool.And(open.Where((_, i) => (g >> i & 1) == 1).ToList())).ToList()));
        }

        return pool.Or(ways);

        bool Walk(int at, ulong bits, Formula so)
        {
            if (good.Count + bad.Count >= most)
            {
                return false;
            }

            if (at == open.Count)
            {
                if (acceptable(bits))
                {
                    good.Add(bits);
                    ways.Add(so);
                }
                else
                {
                    bad.Add(bits);
                }

                return true;
            }

            Formula with = pool.And(so, open[at]);
            Formula without = pool.And(so, pool.Not(open[at]));
            return (!machine.Satisfiable(with) || Walk(at + 1, bits | (1UL << at), with))
                && (!machine.Satisfiable(without) || Walk(at + 1, bits, without));
        }
    }
}
