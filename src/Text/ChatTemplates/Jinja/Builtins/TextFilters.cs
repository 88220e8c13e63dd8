using System.Globalization;
using System.Numerics;
using System.Text;
using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Filters that make text of text.</summary>
internal static class TextFilters
{
    public static BuiltinTable All { get; } = new()
    {
        { "upper", "", c => StringMethods.Apply(c, "upper", c.SelfText) },
        { "lower", "", c => StringMethods.Apply(c, "lower", c.SelfText) },
        { "capitalize", "", c => StringMethods.Apply(c, "capitalize", c.SelfText) },
        { "title", "", c => Title(c) },
        { "trim", "chars?", c => StringMethods.Apply(c, "strip", c.SelfText, c[0]) },
        { "replace", "old new count?", Replace },
        { "center", "width?", c => StringMethods.Apply(c, "center", c.SelfText, c[0] ?? new IntValue(80)) },
        { "indent", "width? first? blank?", Indent },
        { "truncate", "length? killwords? end? leeway?", Truncate },
        { "wordcount", "", c => WordCount(c) },
        { "format", "* **", Format },
        { "escape e forceescape", "", c => Escape(c) },
        { "safe string", "", c => new StringValue(c.SelfText) },
        { "urlencode", "", c => UrlEncode(c) },
        { "filesizeformat", "binary?", FileSize },
    };

    private static StringValue Title(Invocation call)
    {
        string text = call.SelfText;
        call.State.ReserveText(text.Length);
        StringBuilder result = new(text.Length);
        bool atStart = true;
        for (int at = 0; at < text.Length;)
        {
            int size = CodePoints.SizeAt(text, at);
            string point = text.Substring(at, size);
            bool separates = point[0] is '-' or '(' or '{' or '[' or '<' || PythonText.IsSpace(point[0]);
            result.Append(separates ? point : atStart ? PythonText.Upper(point) : PythonText.Lower(point));
            atStart = separates;
            at += size;
        }

        return new StringValue(result.ToString());
    }

    private static Value Replace(Invocation call)
    {
        string old = PythonRepr.Str(call.State, call.Get(0));
        string with = PythonRepr.Str(call.State, call.Get(1));
        int count = call[2] is null or NoneValue ? -1 : call.Index(2);
        return new StringValue(TextOperations.Replace(call.State, call.SelfText, old, with, count));
    }

    private static Value Indent(Invocation call)
    {
        string indentation = call[0] switch
        {
            null => "    ",
            StringValue s => s.Text,
            { } width => TextOperations.Repeat(call.State, " ", Numbers.ToIndex(call.State, width)),
        };
        bool first = call.IsTrue(1);
        bool blank = call.IsTrue(2);
        List<string> lines = TextOperations.SplitLines(call.State, call.SelfText + "\n", keepEnds: false);
        OutputBuffer result = new(call.State);
        for (int i = 0; i < lines.Count; i++)
        {
            result.Write(i == 0 ? "" : "\n");
            result.Write((i == 0 && !first) || (i > 0 && lines[i].Length == 0 && !blank) ? "" : indentation);
            result.Write(lines[i]);
        }

        return new StringValue(result.ToString());
    }

    private static Value Truncate(Invocation call)
    {
        StringValue text = new(call.SelfText);
        int length = call.Index(0, 255);
        string end = call.Text(2) ?? "...";
        int leeway = call[3] is null or NoneValue ? 5 : call.Index(3);
        int endLength = CodePoints.Count(end);
        if (length < endLength || leeway < 0)
        {
            throw call.Error($"expected length >= {endLength} and leeway >= 0, got {length} and {leeway}");
        }

        if (text.Length <= (long)length + leeway)
        {
            return text;
        }

        call.State.ReserveText(text.Text.Length + end.Length);
        string kept = text.Text[..CodePoints.IndexOf(text.Text, length - endLength)];
        int blank = call.IsTrue(1) ? -1 : kept.LastIndexOf(' ');
        return new StringValue((blank < 0 ? kept : kept[..blank]) + end);
    }

    private static IntValue WordCount(Invocation call)
    {
        string text = call.SelfText;
        call.State.Step(text.Length);
        int count = 0;
        bool inWord = false;
        for (int at = 0; at < text.Length; at += CodePoints.SizeAt(text, at))
        {
            bool isWord = PythonText.IsWord(CodePoints.At(text, at));
            count += isWord && !inWord ? 1 : 0;
            inWord = isWord;
        }

        return new IntValue(count);
    }

    private static Value Format(Invocation call)
    {
        if (call.MoreNamed.Count == 0)
        {
            return PercentFormat.Apply(call.State, call.SelfText, new TupleValue(call.More));
        }

        if (call.More.Count > 0)
        {
            throw call.Error("can't handle positional and keyword arguments at the same time");
        }

        DictValue named = new();
        foreach ((string name, Value value) in call.MoreNamed)
        {
            named.Set(name, value);
        }

        return PercentFormat.Apply(call.State, call.SelfText, named);
    }

    private static StringValue Escape(Invocation call)
    {
        OutputBuffer result = new(call.State);
        string text = call.SelfText;
        int from = 0;
        for (int at = 0; at < text.Length; at++)
        {
            string? entity = text[at] switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&#34;",
                '\'' => "&#39;",
                _ => null,
            };
            if (entity is not null)
            {
                result.Write(text[from..at]);
                result.Write(entity);
                from = at + 1;
            }
        }

        result.Write(text[from..]);
        return new StringValue(result.ToString());
    }

    private static StringValue UrlEncode(Invocation call)
    {
        if (call.Self is StringValue text)
        {
            return new StringValue(Quote(call.State, text.Text, slashes: true));
        }

        if (!Iteration.CanIterate(call.Self))
        {
            return new StringValue(Quote(call.State, call.SelfText, slashes: true));
        }

        IEnumerable<Value> pairs = call.Self is DictValue dict
            ? dict.Entries.Select(e => new TupleValue([e.Key, e.Value])) : Iteration.Items(call.State, call.Self);
        List<string> parts = [];
        foreach (Value pair in pairs)
        {
            call.State.ReserveNext(parts.Count);
            if (pair is not SequenceValue { Items: [Value key, Value value] })
            {
                throw call.Error("urlencode needs pairs of names and values");
            }

            parts.Add(Part(key) + "=" + Part(value));
        }

        return call.State.Text(string.Join('&', parts));

        string Part(Value value) =>
            Quote(call.State, PythonRepr.Str(call.State, value), slashes: false).Replace("%20", "+", StringComparison.Ordinal);
    }

    private static string Quote(RenderState state, string text, bool slashes)
    {
        state.ReserveText(text.Length * 3L);
        StringBuilder result = new(text.Length);
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            char c = (char)b;
            bool stays = char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '~' || (slashes && c == '/');
            result.Append(stays ? c.ToString() : "%" + b.ToString("X2", CultureInfo.InvariantCulture));
        }

        return result.ToString();
    }

    private static Value FileSize(Invocation call)
    {
        bool binary = call.IsTrue(0);
        double bytes = ValueFilters.ToFloat(call.State, call.Self) ?? throw call.Error("filesizeformat needs a number");
        double unit = binary ? 1024 : 1000;
        if (bytes < unit)
        {
            return new StringValue(bytes == 1 ? "1 Byte" : new BigInteger(bytes).ToString(CultureInfo.InvariantCulture) + " Bytes");
        }

        int power = 0;
        for (bytes /= unit; bytes >= unit && power < 7; power++)
        {
            bytes /= unit;
        }

        return new StringValue($"{ExactDecimal.Fixed(bytes, 1)} {"kMGTPEZY"[power]}{(binary ? "i" : "")}B".Replace("ki", "Ki", StringComparison.Ordinal));
    }
}
