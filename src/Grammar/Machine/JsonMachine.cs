using XLLM.Grammar.Formulas;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Machine;

/// <summary>
/// One compiled schema at work: goals, satisfiability, and the step from cursor to cursor by a byte (other files of this class).
/// What it works out on the way is remembered; so it is used by one thread at a time.
/// </summary>
internal sealed partial class JsonMachine : ByteMachine
{
    private const int MaxSatisfiableDepth = 300;

    private readonly Dictionary<(Formula Demand, bool Hashed), Goal> _plainGoals = [];
    private readonly Dictionary<GoalKey, Goal> _goals = [];
    private readonly Dictionary<(int Formula, ValueKind Kind), int> _satisfiable = [];
    private readonly Goal _root;
    private int _goalCount;
    private int _depth;
    private int _assumedAbove = int.MaxValue;

    public JsonMachine(Formula root, FormulaPool pool, GrammarOptions options)
    {
        Pool = pool;
        Limits = options.Limits;
        AnyOrder = options.AnyOrder;
        _maxBlanks = options.MaxBlanks;
        _root = GoalFor(root, [], false);
        if (!Satisfiable(root))
        {
            throw new GrammarRefusedException("#", "unsatisfiable", "no value satisfies the schema");
        }
    }

    public FormulaPool Pool { get; }

    public GrammarLimits Limits { get; }

    public bool AnyOrder { get; }

    /// <summary>Short values by goal, for texts that have to come to an end.</summary>
    public Dictionary<int, byte[]> ShortValues { get; } = [];

    /// <summary>No answer now being worked out rests on an assumption, so answers may be remembered.</summary>
    public bool Settled => _depth == 0 || _assumedAbove == int.MaxValue;

    public override bool IsWorn => Pool.Count > Limits.MaxFormulas / 2;

    public override Cursor Start => new() { Goal = _root, Mode = Mode.Value };

    public Goal GoalFor(Formula demand, Formula[] tracked, bool hashed)
    {
        if (tracked.Length == 0)
        {
            if (!_plainGoals.TryGetValue((demand, hashed), out Goal? plain))
            {
                plain = new Goal(this, ++_goalCount, demand, tracked, hashed);
                _plainGoals.Add((demand, hashed), plain);
            }

            return plain;
        }

        var key = new GoalKey(demand, tracked, hashed);
        if (!_goals.TryGetValue(key, out Goal? goal))
        {
            goal = new Goal(this, ++_goalCount, demand, tracked, hashed);
            _goals.Add(key, goal);
        }

        return goal;
    }

    /// <summary>Runs what may run into the limits of automata.</summary>
    public T Guard<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (RegexTooLargeException e)
        {
            throw new GrammarRefusedException("#", "limit", e.Message);
        }
    }

    /// <summary>Whether some JSON value satisfies the formula.</summary>
    public bool Satisfiable(Formula formula)
    {
        if (formula.IsTrue || formula.IsFalse)
        {
            return formula.IsTrue;
        }

        for (ValueKind kind = ValueKind.Null; kind <= ValueKind.Object; kind++)
        {
            if (Satisfiable(Pool.ForKind(formula, kind), kind))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether some value of a kind satisfies a formula over that kind. Schemas may refer to themselves: a question that comes up
    /// again while it is worked out is answered no (values are finite), and what rests on such an answer is not remembered.
    /// </summary>
    public bool Satisfiable(Formula formula, ValueKind kind)
    {
        if (formula.IsTrue || formula.IsFalse)
        {
            return formula.IsTrue;
        }

        var key = (formula.Id, kind);
        if (_satisfiable.TryGetValue(key, out int known))
        {
            if (known > 1)
            {
                _assumedAbove = Math.Min(_assumedAbove, known - 2);
                return false;
            }

            return known == 1;
        }

        FormulaPool.CheckStack();
        if (_depth >= MaxSatisfiableDepth)
        {
            throw new GrammarRefusedException("#", "limit", $"values have to nest deeper than {MaxSatisfiableDepth}");
        }

        int outer = _assumedAbove;
        int depth = _depth++;
        _assumedAbove = int.MaxValue;
        _satisfiable[key] = depth + 2;
        bool can;
        try
        {
            can = Work(formula, kind);
        }
        catch
        {
            _satisfiable.Remove(key);
            _depth = depth;
            _assumedAbove = outer;
            throw;
        }

        _depth--;
        if (can || _assumedAbove >= depth)
        {
            _satisfiable[key] = can ? 1 : 0;
            _assumedAbove = outer;
        }
        else
        {
            _satisfiable.Remove(key);
            _assumedAbove = Math.Min(outer, _assumedAbove);
        }

        return can;
    }

    public override byte[]? Complete(in Cursor cursor, int maxBytes) => new Completion(this, maxBytes).Complete(cursor);

    private bool Work(Formula formula, ValueKind kind)
    {
        Goal goal = GoalFor(formula, [], false);
        switch (kind)
        {
            case ValueKind.String:
                return goal.Text.Live(0, 0, 0);
            case ValueKind.Number:
                return goal.Number.CanComplete(Numbers.NumberText.Empty);
            case ValueKind.Array:
                return goal.Array.CanStart;
            case ValueKind.Object:
                return goal.Object.CanFinish(goal.Object.Start);
            default:
                return formula.IsTrue;
        }
    }

    private readonly struct GoalKey(Formula demand, Formula[] tracked, bool hashed) : IEquatable<GoalKey>
    {
        private readonly Formula _demand = demand;
        private readonly Formula[] _tracked = tracked;
        private readonly bool _hashed = hashed;

        public bool Equals(GoalKey other) =>
            _demand == other._demand && _hashed == other._hashed && _tracked.AsSpan().SequenceEqual(other._tracked);

        public override bool Equals(object? obj) => obj is GoalKey other && Equals(other);

        public override int GetHashCode()
        {
            HashCode hash = default;
            hash.Add(_demand.Id);
            hash.Add(_hashed);
            foreach (Formula part in _tracked)
            {
                hash.Add(part.Id);
            }

            return hash.ToHashCode();
        }
    }
}
