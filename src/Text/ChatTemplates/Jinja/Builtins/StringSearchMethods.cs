using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Methods of strings that find, count, cut in three, or bring to a width. Positions are in code points.</summary>
internal static class StringSearchMethods
{
    public static BuiltinTable All { get; } = new()
    {
        { "startswith", "prefix start? end?", c => BoolValue.Of(Matches(c, (t, p) => t.StartsWith(p, StringComparison.Ordinal))) },
        { "endswith", "suffix start? end?", c => BoolValue.Of(Matches(c, (t, p) => t.EndsWith(p, StringComparison.Ordinal))) },
        { "find", "sub start? end?", c => new IntValue(Find(c, last: false)) },
        { "rfind", "sub start? end?", c => new IntValue(Find(c, last: true)) },
        { "index", "sub start? end?", c => new IntValue(Found(c, Find(c, last: false))) },
        { "rindex", "sub start? end?", c => new IntValue(Found(c, Find(c, last: true))) },
        { "count", "sub start? end?", c => new IntValue(Count(c)) },
        { "partition", "sep", c => Partition(c, last: false) },
        { "rpartition", "sep", c => Partition(c, last: true) },
        { "center", "width fillchar?", c => Center(c) },
        { "ljust", "width fillchar?", c => Justify(c, '<') },
        { "rjust", "width fillchar?", c => Justify(c, '>') },
        { "zfill", "width", c => new StringValue(FormatSpec.Pad(c.State, StringMethods.Text(c), c.Index(0), '0', '=')) },
        { "expandtabs", "tabsize?", ExpandTabs },
    };

    /// <summary>The part of the text that start and end leave, and where it begins in code points.</summary>
    private static (string Text, int Offset)? Window(Invocation call)
    {
        StringValue self = (StringValue)call.Self;
        int length = self.Length;
        int start = Clamp(call[1], 0);
        int end = Clamp(call[2], length);
        if (start > end || (call[1] is { } given and not NoneValue && Numbers.ToIndex(call.State, given) > length))
        {
            return null;
        }

        if (start == 0 && end == length)
        {
            return (self.Text, 0);
        }

        call.State.ReserveText(self.Text.Length);
        return (self.Text[CodePoints.IndexOf(self.Text, start)..CodePoints.IndexOf(self.Text, end)], start);

        int Clamp(Value? bound, int missing)
        {
            if (bound is null or NoneValue)
            {
                return missing;
            }

            long at = Numbers.ToIndex(call.State, bound);
            return (int)Math.Clamp(at < 0 ? at + length : at, 0, length);
        }
    }

    private static bool Matches(Invocation call, Func<string, string, bool> matches)
    {
        IReadOnlyList<Value> wanted = call.Get(0) is TupleValue tuple ? tuple.Items : [call.Get(0)];
        foreach (Value item in wanted)
        {
            if (item is not StringValue part)
            {
                throw call.Error(item is UndefinedValue undefined ? undefined.Message
                    : $"{call.Name} first arg must be str or a tuple of str, not {item.TypeName}");
            }

            call.State.Scan(part.Text.Length);
            if (Window(call) is (string text, _) && matches(text, part.Text))
            {
                return true;
            }
        }

        return false;
    }

    private static int Find(Invocation call, bool last)
    {
        string part = call.RequiredText(0);
        if (Window(call) is not (string text, int offset))
        {
            return -1;
        }

        int at = last ? TextSearch.LastIndexOf(call.State, text, part) : TextSearch.IndexOf(call.State, text, part, 0);
        return at < 0 ? -1 : offset + CodePoints.Count(text[..at]);
    }

    private static int Found(Invocation call, int at) => at >= 0 ? at : throw call.Error("substring not found");

    private static int Count(Invocation call)
    {
        string part = call.RequiredText(0);
        if (Window(call) is not (string text, _))
        {
            return 0;
        }

        if (part.Length == 0)
        {
            return CodePoints.Count(text) + 1;
        }

        int count = 0;
        for (int at = 0; (at = TextSearch.IndexOf(call.State, text, part, at)) >= 0; at += part.Length)
        {
            count++;
        }

        return count;
    }

    private static TupleValue Partition(Invocation call, bool last)
    {
        string text = StringMethods.Text(call);
        string separator = call.RequiredText(0);
        if (separator.Length == 0)
        {
            throw call.Error("empty separator");
        }

        call.State.ReserveText(text.Length);
        int at = last ? TextSearch.LastIndexOf(call.State, text, separator) : TextSearch.IndexOf(call.State, text, separator, 0);
        string[] parts = at >= 0 ? [text[..at], separator, text[(at + separator.Length)..]]
            : last ? ["", "", text] : [text, "", ""];
        return new TupleValue([.. parts.Select(p => new StringValue(p))]);
    }

    /// <summary>Of an odd number of fill characters the extra one goes left when the width is odd, as in CPython.</summary>
    private static StringValue Center(Invocation call)
    {
        StringValue text = (StringValue)call.Self;
        int width = call.Index(0);
        int missing = Math.Max(width - text.Length, 0);
        int left = (missing / 2) + (missing & width & 1);
        return call.State.Text(TextOperations.Repeat(call.State, Fill(call), left) + text.Text
            + TextOperations.Repeat(call.State, Fill(call), missing - left));
    }

    private static StringValue Justify(Invocation call, char align)
    {
        StringValue text = (StringValue)call.Self;
        string fill = TextOperations.Repeat(call.State, Fill(call), Math.Max(call.Index(0) - text.Length, 0));
        return call.State.Text(align == '<' ? text.Text + fill : fill + text.Text);
    }

    private static string Fill(Invocation call)
    {
        string fill = call.Text(1) ?? " ";
        return CodePoints.Count(fill) == 1 ? fill : throw call.Error("The fill character must be exactly one character long");
    }

    private static Value ExpandTabs(Invocation call)
    {
        int size = call.Index(0, 8);
        OutputBuffer result = new(call.State);
        int column = 0;
        foreach (string point in CodePoints.Split(StringMethods.Text(call)))
        {
            int blanks = point == "\t" && size > 0 ? size - (column % size) : 0;
            result.Write(point == "\t" ? TextOperations.Repeat(call.State, " ", blanks) : point);
            column = point is "\n" or "\r" ? 0 : column + (point == "\t" ? blanks : 1);
        }

        return new StringValue(result.ToString());
    }
}
