using System.Numerics;
using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>All tests: what can stand behind <c>is</c>. Their value is <see cref="Invocation.Self"/>.</summary>
internal static class Tests
{
    public static IReadOnlyDictionary<string, Builtin> Table { get; } = new BuiltinTable
    {
        { "defined", "", c => BoolValue.Of(c.Self is not UndefinedValue) },
        { "undefined", "", c => BoolValue.Of(c.Self is UndefinedValue) },
        { "none", "", c => BoolValue.Of(c.Self is NoneValue) },
        { "boolean", "", c => BoolValue.Of(c.Self is BoolValue) },
        { "true", "", c => BoolValue.Of(c.Self == BoolValue.True) },
        { "false", "", c => BoolValue.Of(c.Self == BoolValue.False) },
        { "integer", "", c => BoolValue.Of(c.Self is IntValue) },
        { "float", "", c => BoolValue.Of(c.Self is FloatValue) },
        { "number", "", c => BoolValue.Of(Numbers.IsNumber(c.Self)) },
        { "string", "", c => BoolValue.Of(c.Self is StringValue) },
        { "mapping", "", c => BoolValue.Of(c.Self is DictValue) },
        { "sequence", "", c => BoolValue.Of(c.Self is StringValue or SequenceValue or DictValue or RangeValue or UndefinedValue) },
        { "iterable", "", c => BoolValue.Of(Iteration.CanIterate(c.Self)) },
        { "callable", "", c => BoolValue.Of(c.Self is CallableValue or UndefinedValue) },
        { "escaped", "", _ => BoolValue.False },
        { "odd", "", c => BoolValue.Of(IsMultiple(c, new IntValue(2), 1)) },
        { "even", "", c => BoolValue.Of(IsMultiple(c, new IntValue(2), 0)) },
        { "divisibleby", "num", c => BoolValue.Of(IsMultiple(c, c.Get(0), 0)) },
        { "lower", "", c => BoolValue.Of(PythonText.HasOnly(Scanned(c), PythonText.IsLower)) },
        { "upper", "", c => BoolValue.Of(PythonText.HasOnly(Scanned(c), PythonText.IsUpper)) },
        { "filter", "", c => BoolValue.Of(c.Self is StringValue s && Filters.Table.ContainsKey(s.Text)) },
        { "test", "", c => BoolValue.Of(c.Self is StringValue s && Table!.ContainsKey(s.Text)) },
        { "sameas", "other", c => BoolValue.Of(IsSame(c.Self, c.Get(0))) },
        { "in", "seq", c => BoolValue.Of(Comparison.Contains(c.State, c.Get(0), c.Self)) },
        { "== eq equalto", "other", c => Compare(c, "==") },
        { "!= ne", "other", c => Compare(c, "!=") },
        { "< lt lessthan", "other", c => Compare(c, "<") },
        { "<= le", "other", c => Compare(c, "<=") },
        { "> gt greaterthan", "other", c => Compare(c, ">") },
        { ">= ge", "other", c => Compare(c, ">=") },
    }.ByName;

    private static BoolValue Compare(Invocation call, string op) => BoolValue.Of(Comparison.Holds(call.State, op, call.Self, call.Get(0)));

    private static bool IsMultiple(Invocation call, Value divisor, int remainder)
    {
        if (call.Self is StringValue)
        {
            throw call.Error("not all arguments converted during string formatting");
        }

        return Comparison.AreEqual(call.State, Arithmetic.Binary(call.State, "%", call.Self, divisor), new IntValue(remainder));
    }

    private static string Scanned(Invocation call)
    {
        string text = call.SelfText;
        call.State.Step(text.Length);
        return text;
    }

    /// <summary>Identity, as far as values have one here: equal strings and small integers count as the same, as they do in CPython.</summary>
    private static bool IsSame(Value left, Value right) => ReferenceEquals(left, right)
        || (left is StringValue a && right is StringValue b && a.Text == b.Text)
        || (left is IntValue x && right is IntValue y && x.Number == y.Number && BigInteger.Abs(x.Number) <= 256);
}
