using System.Globalization;
using System.Text;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>Python's <c>json.dumps</c>.</summary>
internal sealed class PythonJson(
    RenderState state, bool ensureAscii, string? indent, string itemSeparator, string keySeparator, bool sortKeys)
{
    private readonly OutputBuffer _text = new(state);

    public string Write(Value value)
    {
        Write(value, 0);
        return _text.ToString();
    }

    private void Write(Value value, int level)
    {
        state.Enter(state.Line);
        switch (value)
        {
            case StringValue s:
                WriteString(s.Text);
                break;
            case SequenceValue sequence:
                WriteMany('[', ']', sequence.Items, level, item => Write(item, level + 1));
                break;
            case DictValue dict:
                WriteMany('{', '}', Sorted(dict), level, entry =>
                {
                    WriteString(Key(entry.Key));
                    _text.Write(keySeparator);
                    Write(entry.Value, level + 1);
                });
                break;
            default:
                _text.Write(Scalar(value) ?? throw state.Error($"Object of type {value.TypeName} is not JSON serializable"));
                break;
        }

        state.Leave();
    }

    private static string? Scalar(Value value) => value switch
    {
        NoneValue => "null",
        BoolValue b => b.IsTrue ? "true" : "false",
        IntValue i => i.Number.ToString(CultureInfo.InvariantCulture),
        FloatValue f => FloatText.Repr(f.Number, "NaN", "Infinity"),
        _ => null,
    };

    private string Key(Value key) => key is StringValue s ? s.Text
        : Scalar(key) ?? throw state.Error($"keys must be str, int, float, bool or None, not {key.TypeName}");

    private IReadOnlyList<KeyValuePair<Value, Value>> Sorted(DictValue dict) => sortKeys
        ? Sorting.Stable([.. dict.Entries], (a, b) => Comparison.Order(state, a.Key, b.Key, "<") ?? 0) : [.. dict.Entries];

    private void WriteMany<T>(char open, char close, IReadOnlyList<T> items, int level, Action<T> write)
    {
        _text.Write(open.ToString());
        for (int i = 0; i < items.Count; i++)
        {
            _text.Write(i == 0 ? "" : itemSeparator);
            NewLine(level + 1);
            write(items[i]);
        }

        if (items.Count > 0)
        {
            NewLine(level);
        }

        _text.Write(close.ToString());
    }

    private void NewLine(int level)
    {
        if (indent is not null)
        {
            _text.Write("\n");
            _text.Write(TextOperations.Repeat(state, indent, level));
        }
    }

    private void WriteString(string text)
    {
        state.ReserveText(text.Length);
        StringBuilder result = new(text.Length + 2);
        result.Append('"');
        foreach (char c in text)
        {
            string? escape = c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                < ' ' => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
                > '~' when ensureAscii => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
                _ => null,
            };
            if (escape is null)
            {
                result.Append(c);
            }
            else
            {
                result.Append(escape);
            }
        }

        _text.Write(result.Append('"').ToString());
    }
}
