namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary>Positions by code point in UTF-16 text. A lone surrogate counts as one, as in Python.</summary>
internal static class CodePoints
{
    public static int Count(string text)
    {
        int at = text.AsSpan().IndexOfAnyInRange('\ud800', '\udbff');
        if (at < 0)
        {
            return text.Length;
        }

        int pairs = 0;
        for (; at < text.Length - 1; at++)
        {
            if (char.IsSurrogatePair(text[at], text[at + 1]))
            {
                pairs++;
                at++;
            }
        }

        return text.Length - pairs;
    }

    /// <summary>UTF-16 index of the code point with the given number, or the text's length behind the last one.</summary>
    public static int IndexOf(string text, int number)
    {
        int at = 0;
        for (; number > 0 && at < text.Length; number--)
        {
            at += SizeAt(text, at);
        }

        return at;
    }

    /// <summary>UTF-16 units of the code point at an index: 1 or 2.</summary>
    public static int SizeAt(string text, int at) =>
        at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;

    /// <summary>The code point at an index, a lone surrogate as itself.</summary>
    public static int At(string text, int at) => SizeAt(text, at) == 2 ? char.ConvertToUtf32(text[at], text[at + 1]) : text[at];

    /// <summary>The code points one by one, as strings.</summary>
    public static IEnumerable<string> Split(string text)
    {
        for (int at = 0; at < text.Length;)
        {
            int size = SizeAt(text, at);
            yield return text.Substring(at, size);
            at += size;
        }
    }

    /// <summary>Order by code point, which UTF-16 order is not above U+FFFF.</summary>
    public static int Compare(string left, string right)
    {
        int at = left.AsSpan().CommonPrefixLength(right);
        if (at == left.Length || at == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        char a = left[at];
        char b = right[at];
        return char.IsSurrogate(a) == char.IsSurrogate(b) ? a.CompareTo(b) : char.IsSurrogate(a) ? 1 : -1;
    }
}
