using System.Globalization;
using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Python's <c>str.format</c>; attributes are looked up as the template itself would, so nothing more can be reached.</summary>
internal sealed class BraceFormat(RenderState state, IReadOnlyList<Value> values, IReadOnlyList<KeyValuePair<string, Value>> named)
{
    private const int MaxSpecDepth = 2;

    // Number of the next field without one; -1 once a field had a number.
    private int _next;

    public string Apply(string format) => Apply(format, MaxSpecDepth);

    private string Apply(string format, int depth)
    {
        if (depth == 0)
        {
            throw state.Error("Max string recursion exceeded");
        }

        OutputBuffer result = new(state);
        for (int at = 0; at < format.Length;)
        {
            int brace = format.AsSpan(at).IndexOfAny('{', '}');
            if (brace < 0)
            {
                result.Write(format[at..]);
                break;
            }

            result.Write(format.Substring(at, brace));
            at += brace;
            if (at + 1 < format.Length && format[at + 1] == format[at])
            {
                result.Write(format[at].ToString());
                at += 2;
                continue;
            }

            int end = format[at] == '{' ? FieldEnd(format, at) : throw state.Error("Single '}' encountered in format string");
            result.Write(Field(format[(at + 1)..end], depth));
            at = end + 1;
        }

        return result.ToString();
    }

    private int FieldEnd(string format, int at)
    {
        int open = 0;
        for (int i = at; i < format.Length; i++)
        {
            open += format[i] == '{' ? 1 : format[i] == '}' ? -1 : 0;
            if (open == 0)
            {
                state.Step(1 + i - at);
                return i;
            }
        }

        throw state.Error("expected '}' before end of string");
    }

    private string Field(string field, int depth)
    {
        int nameEnd = field.AsSpan().IndexOfAny('!', ':');
        string name = nameEnd < 0 ? field : field[..nameEnd];
        string rest = nameEnd < 0 ? "" : field[nameEnd..];
        char? conversion = null;
        if (rest.StartsWith('!'))
        {
            conversion = rest.Length > 1 ? rest[1] : throw state.Error("end of string while looking for conversion specifier");
            rest = rest[2..];
        }

        if (rest.Length > 0 && rest[0] != ':')
        {
            throw state.Error("expected ':' after conversion specifier");
        }

        Value value = Lookup(name);
        value = conversion switch
        {
            null => value,
            's' => state.Text(PythonRepr.Str(state, value)),
            'r' or 'a' => state.Text(PythonRepr.Repr(state, value)),
            _ => throw state.Error($"Unknown conversion specifier '{conversion}'"),
        };
        string spec = rest.Length > 0 ? rest[1..] : "";
        return FormatSpec.Apply(state, value, spec.Contains('{') ? Apply(spec, depth - 1) : spec);
    }

    private Value Lookup(string name)
    {
        int at = name.AsSpan().IndexOfAny('.', '[');
        string first = at < 0 ? name : name[..at];
        Value value = First(first);
        while (at >= 0 && at < name.Length)
        {
            bool isItem = name[at] == '[';
            int end = isItem ? name.IndexOf(']', at) : name.AsSpan(at + 1).IndexOfAny('.', '[') is >= 0 and int n ? at + 1 + n : name.Length;
            if (end < 0 || end == at + 1 || (!isItem && name[at] != '.'))
            {
                throw state.Error("malformed field name in format string");
            }

            string key = name[(at + 1)..end];
            value = !isItem ? Attributes.Get(state, value, key)
                : Attributes.GetItem(state, value, TryNumber(key, out int index) ? new IntValue(index) : new StringValue(key));
            at = isItem ? end + 1 : end;
        }

        return value;
    }

    private Value First(string name)
    {
        if (name.Length == 0 || TryNumber(name, out int index))
        {
            bool isAutomatic = name.Length == 0;
            if (isAutomatic ? _next < 0 : _next > 0)
            {
                throw state.Error("numbered and unnumbered fields cannot be mixed in a format string");
            }

            index = isAutomatic ? _next++ : int.Parse(name, CultureInfo.InvariantCulture);
            _next = isAutomatic ? _next : -1;
            return index < values.Count ? values[index]
                : throw state.Error($"Replacement index {index} out of range for positional args tuple");
        }

        foreach ((string key, Value value) in named)
        {
            if (key == name)
            {
                return value;
            }
        }

        throw state.Error($"the format string has no value for {PythonRepr.Quote(name)}");
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
