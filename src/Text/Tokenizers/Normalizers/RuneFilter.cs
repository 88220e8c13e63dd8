using System.Text;

namespace XLLM.Text.Tokenizers.Normalizers;

/// <summary>Keeps, drops or replaces single code points.</summary>
internal static class RuneFilter
{
    /// <summary>The text with each code point mapped; null drops it.</summary>
    public static string Map(string text, Func<Rune, Rune?> map)
    {
        var result = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (map(rune) is { } mapped)
            {
                result.Append(mapped.ToString());
            }
        }

        return result.ToString();
    }
}
