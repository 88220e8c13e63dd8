namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>Finds text in text in time linear in both, whatever they are: a hostile pair makes the usual search quadratic.</summary>
internal static class TextSearch
{
    private const int ShortNeedle = 64;

    /// <summary>UTF-16 index of the first occurrence at or behind <paramref name="start"/>, or -1.</summary>
    public static int IndexOf(RenderState state, string text, string part, int start)
    {
        if (part.Length <= ShortNeedle)
        {
            int found = text.IndexOf(part, start, StringComparison.Ordinal);
            state.Scan((found < 0 ? text.Length : found) - start);
            return found;
        }

        state.Step(part.Length + 1);
        foreach (int at in Occurrences(text, part, start))
        {
            state.Step(1 + at - start);
            return at;
        }

        state.Step(1 + text.Length - start);
        return -1;
    }

    /// <summary>UTF-16 index of the last occurrence, or -1.</summary>
    public static int LastIndexOf(RenderState state, string text, string part)
    {
        if (part.Length <= ShortNeedle)
        {
            state.Scan(text.Length);
            return text.LastIndexOf(part, StringComparison.Ordinal);
        }

        state.Step((long)text.Length + part.Length);
        return Occurrences(text, part, 0).LastOrDefault(-1);
    }

    /// <summary>Knuth, Morris and Pratt 1977.</summary>
    private static IEnumerable<int> Occurrences(string text, string part, int start)
    {
        int[] border = Borders(part);
        int matched = 0;
        for (int at = start; at < text.Length; at++)
        {
            while (matched > 0 && (matched == part.Length || text[at] != part[matched]))
            {
                matched = border[matched - 1];
            }

            matched += text[at] == part[matched] ? 1 : 0;
            if (matched == part.Length)
            {
                yield return at - matched + 1;
            }
        }
    }

    /// <summary>For each prefix, the length of its longest proper prefix that is also its end.</summary>
    private static int[] Borders(string part)
    {
        int[] border = new int[part.Length];
        for (int at = 1, matched = 0; at < part.Length; at++)
        {
            while (matched > 0 && part[at] != part[matched])
            {
                matched = border[matched - 1];
            }

            matched += part[at] == part[matched] ? 1 : 0;
            border[at] = matched;
        }

        return border;
    }
}
