using System.Globalization;
using System.Numerics;

namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary>A hashable value as a key: equal keys for values that are equal in Python (1, 1.0 and True).</summary>
internal readonly record struct DictKey(char Kind, string Text)
{
    private const int MaxTupleDepth = 16;
    private const int MaxTupleText = 1 << 16;

    public static DictKey Of(string text) => new('s', text);

    /// <summary>False for values that Python cannot hash, and for tuples that are unreasonably deep or long.</summary>
    public static bool TryOf(Value value, out DictKey key) => TryOf(value, MaxTupleDepth, out key);

    private static bool TryOf(Value value, int depth, out DictKey key)
    {
        key = value switch
        {
            StringValue s => Of(s.Text),
            NoneValue => new('n', ""),
            BoolValue b => new('i', b.IsTrue ? "1" : "0"),
            IntValue i => new('i', i.Number.ToString(CultureInfo.InvariantCulture)),
            FloatValue f when double.IsInteger(f.Number) => new('i', new BigInteger(f.Number).ToString(CultureInfo.InvariantCulture)),
            FloatValue f => new('f', f.Number.ToString("R", CultureInfo.InvariantCulture)),
            UndefinedValue => new('u', ""),
            _ => default,
        };
        return key.Kind != default || (value is TupleValue tuple && depth > 0 && TryTuple(tuple, depth - 1, out key));
    }

    private static bool TryTuple(TupleValue tuple, int depth, out DictKey key)
    {
        System.Text.StringBuilder text = new();
        key = default;
        foreach (Value item in tuple.Items)
        {
            if (!TryOf(item, depth, out DictKey part) || text.Length + part.Text.Length > MaxTupleText)
            {
                return false;
            }

            text.Append(part.Kind).Append(part.Text.Length).Append(':').Append(part.Text);
        }

        key = new('t', text.ToString());
        return true;
    }
}
