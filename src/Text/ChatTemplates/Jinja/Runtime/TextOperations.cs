using System.Text;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>What Python's string methods do to text, counted and bounded.</summary>
internal static class TextOperations
{
    public static string Repeat(RenderState state, string text, int count)
    {
        long length = (long)Math.Max(count, 0) * text.Length;
        state.ReserveText(length);
        return length == 0 ? "" : new StringBuilder((int)length).Insert(0, text, count).ToString();
    }

    /// <summary>Replaces the first <paramref name="count"/> occurrences, all when it is negative.</summary>
    public static string Replace(RenderState state, string text, string old, string with, int count)
    {
        state.ReserveText(text.Length);
        if (old.Length == 0)
        {
            return Interleave(state, text, with, count);
        }

        OutputBuffer result = new(state);
        int from = 0;
        for (; count != 0; count--)
        {
            int at = TextSearch.IndexOf(state, text, old, from);
            if (at < 0)
            {
                break;
            }

            result.Write(text[from..at]);
            result.Write(with);
            from = at + old.Length;
        }

        if (from == 0)
        {
            return text;
        }

        result.Write(text[from..]);
        return result.ToString();
    }

    /// <summary>Cuts at every occurrence of a separator, at most <paramref name="limit"/> times when that is not negative.</summary>
    public static List<string> Split(RenderState state, string text, string separator, int limit)
    {
        List<string> parts = [];
        state.ReserveText(text.Length);
        int from = 0;
        for (int at; limit != 0 && (at = TextSearch.IndexOf(state, text, separator, from)) >= 0; limit--)
        {
            state.ReserveNext(parts.Count);
            parts.Add(text[from..at]);
            from = at + separator.Length;
        }

        state.ReserveNext(parts.Count);
        parts.Add(text[from..]);
        return parts;
    }

    /// <summary>Cuts from the right: as from the left in a mirror.</summary>
    public static List<string> SplitFromRight(RenderState state, string text, string separator, int limit)
    {
        List<string> parts = Split(state, Mirror(text), Mirror(separator), limit);
        parts.Reverse();
        return [.. parts.Select(Mirror)];
    }

    /// <summary>Cuts at runs of white space, which also goes at the ends.</summary>
    public static List<string> SplitWords(RenderState state, string text, int limit)
    {
        state.ReserveText(text.Length);
        state.Step(text.Length);
        List<string> parts = [];
        int at = 0;
        while (true)
        {
            at = SkipSpace(text, at);
            if (at >= text.Length)
            {
                return parts;
            }

            state.ReserveNext(parts.Count);
            if (limit >= 0 && parts.Count == limit)
            {
                parts.Add(text[at..]);
                return parts;
            }

            int end = at;
            while (end < text.Length && !PythonText.IsSpace(text[end]))
            {
                end++;
            }

            parts.Add(text[at..end]);
            at = end;
        }
    }

    /// <summary>The same from the right: what is left over at the limit is the beginning.</summary>
    public static List<string> SplitWordsFromRight(RenderState state, string text, int limit)
    {
        state.ReserveText(text.Length);
        state.Step(text.Length);
        List<string> parts = [];
        int end = text.Length;
        while (true)
        {
            while (end > 0 && PythonText.IsSpace(text[end - 1]))
            {
                end--;
            }

            if (end == 0)
            {
                break;
            }

            state.ReserveNext(parts.Count);
            int at = end;
            while (at > 0 && ((limit >= 0 && parts.Count == limit) || !PythonText.IsSpace(text[at - 1])))
            {
                at--;
            }

            parts.Add(text[at..end]);
            end = at;
        }

        parts.Reverse();
        return parts;
    }

    public static List<string> SplitLines(RenderState state, string text, bool keepEnds)
    {
        state.ReserveText(text.Length);
        List<string> lines = [];
        for (int from = 0; from < text.Length;)
        {
            int end = from;
            while (end < text.Length && !PythonText.IsLineEnd(text[end]))
            {
                end++;
            }

            int next = end + (end < text.Length ? 1 : 0);
            next += end + 1 < text.Length && text[end] == '\r' && text[end + 1] == '\n' ? 1 : 0;
            state.Step(1 + next - from);
            state.ReserveNext(lines.Count);
            lines.Add(text[from..(keepEnds ? next : end)]);
            from = next;
        }

        return lines;
    }

    /// <summary>Without the given characters (code points), or white space, at the start.</summary>
    public static string TrimStart(RenderState state, string text, string? characters)
    {
        int at = 0;
        while (at < text.Length && IsTrimmed(state, text, at, characters))
        {
            at += CodePoints.SizeAt(text, at);
        }

        return text[at..];
    }

    /// <summary>Without the given characters (code points), or white space, at the end.</summary>
    public static string TrimEnd(RenderState state, string text, string? characters)
    {
        int end = text.Length;
        while (end > 0)
        {
            int size = end > 1 && char.IsSurrogatePair(text[end - 2], text[end - 1]) ? 2 : 1;
            if (!IsTrimmed(state, text, end - size, characters))
            {
                break;
            }

            end -= size;
        }

        return text[..end];
    }

    private static bool IsTrimmed(RenderState state, string text, int at, string? characters)
    {
        if (characters is null)
        {
            return PythonText.IsSpace(text[at]);
        }

        state.Scan(characters.Length);
        return characters.AsSpan().IndexOf(text.AsSpan(at, CodePoints.SizeAt(text, at)), StringComparison.Ordinal) >= 0;
    }

    private static string Mirror(string text) => string.Create(text.Length, text, (units, from) =>
    {
        from.CopyTo(units);
        units.Reverse();
    });

    private static int SkipSpace(string text, int at)
    {
        while (at < text.Length && PythonText.IsSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>Replacing nothing puts the new text before every character and at the end.</summary>
    private static string Interleave(RenderState state, string text, string with, int count)
    {
        OutputBuffer result = new(state);
        int at = 0;
        for (; count != 0 && at <= text.Length; count--)
        {
            int size = at < text.Length ? CodePoints.SizeAt(text, at) : 0;
            result.Write(with);
            result.Write(text.Substring(at, size));
            at += Math.Max(size, 1);
        }

        result.Write(at < text.Length ? text[at..] : "");
        return result.ToString();
    }
}
