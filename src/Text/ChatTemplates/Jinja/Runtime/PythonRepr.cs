using System.Globalization;
using System.Text;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>Python's <c>str</c> and <c>repr</c>.</summary>
internal static class PythonRepr
{
    /// <summary>What printing a value writes.</summary>
    public static string Str(RenderState state, Value value) => value switch
    {
        StringValue s => s.Text,
        UndefinedValue => "",
        _ => Repr(state, value),
    };

    public static string Repr(RenderState state, Value value)
    {
        if (value is not (SequenceValue or DictValue or DictViewValue or NamespaceValue))
        {
            return Scalar(state, value);
        }

        OutputBuffer text = new(state);
        Write(state, value, text);
        return text.ToString();
    }

    /// <summary>A string in quotes, with escapes for quotes and for what cannot be seen.</summary>
    public static string Quote(string text)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        StringBuilder result = new(text.Length + 2);
        result.Append(quote);
        for (int at = 0; at < text.Length; at += CodePoints.SizeAt(text, at))
        {
            Escape(result, CodePoints.At(text, at), quote);
        }

        return result.Append(quote).ToString();
    }

    private static void Escape(StringBuilder result, int c, char quote)
    {
        string? escape = c switch
        {
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            _ when c == quote => "\\" + quote,
            _ when PythonText.IsPrintable(c) => null,
            < 0x100 => "\\x" + c.ToString("x2", CultureInfo.InvariantCulture),
            < 0x10000 => "\\u" + c.ToString("x4", CultureInfo.InvariantCulture),
            _ => "\\U" + c.ToString("x8", CultureInfo.InvariantCulture),
        };
        if (escape is not null)
        {
            result.Append(escape);
        }
        else if (c > 0xffff)
        {
            result.Append(char.ConvertFromUtf32(c));
        }
        else
        {
            result.Append((char)c);
        }
    }

    private static string Scalar(RenderState state, Value value)
    {
        switch (value)
        {
            case StringValue s:
                state.ReserveText(s.Text.Length);
                return Quote(s.Text);
            case IntValue i:
                return i.Number.ToString(CultureInfo.InvariantCulture);
            case FloatValue f:
                return FloatText.Repr(f.Number);
            case BoolValue b:
                return b.IsTrue ? "True" : "False";
            case NoneValue:
                return "None";
            case UndefinedValue:
                return "Undefined";
            case RangeValue r:
                return r.Step.IsOne ? $"range({r.Start}, {r.Stop})" : $"range({r.Start}, {r.Stop}, {r.Step})";
            case MacroValue m:
                return $"<Macro {Quote(m.Name)}>";
            case FunctionValue f:
                return $"<function {f.Name}>";
            default:
                return $"<{value.TypeName} object>";
        }
    }

    private static void Write(RenderState state, Value value, OutputBuffer text)
    {
        state.Enter(state.Line);
        switch (value)
        {
            case ListValue list:
                WriteItems(state, list.Items, "[", "]", text);
                break;
            case TupleValue tuple:
                WriteItems(state, tuple.Items, "(", tuple.Items.Count == 1 ? ",)" : ")", text);
                break;
            case DictViewValue view:
                WriteItems(state, view.Items, view.TypeName + "([", "])", text);
                break;
            case DictValue dict:
                WriteEntries(state, dict.Entries, text);
                break;
            case NamespaceValue space:
                text.Write("<Namespace ");
                WriteEntries(state, space.Attributes.Select(a => KeyValuePair.Create<Value, Value>(new StringValue(a.Key), a.Value)), text);
                text.Write(">");
                break;
            default:
                text.Write(Scalar(state, value));
                break;
        }

        state.Leave();
    }

    private static void WriteItems(RenderState state, IReadOnlyList<Value> items, string open, string close, OutputBuffer text)
    {
        text.Write(open);
        for (int i = 0; i < items.Count; i++)
        {
            text.Write(i == 0 ? "" : ", ");
            Write(state, items[i], text);
        }

        text.Write(close);
    }

    private static void WriteEntries(RenderState state, IEnumerable<KeyValuePair<Value, Value>> entries, OutputBuffer text)
    {
        text.Write("{");
        string separator = "";
        foreach ((Value key, Value item) in entries)
        {
            text.Write(separator);
            Write(state, key, text);
            text.Write(": ");
            Write(state, item, text);
            separator = ", ";
        }

        text.Write("}");
    }
}
