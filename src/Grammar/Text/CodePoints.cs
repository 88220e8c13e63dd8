namespace XLLM.Grammar.Text;

internal static class CodePoints
{
    /// <summary>Code points of a text; a lone surrogate counts as one.</summary>
    public static IEnumerable<int> Of(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                yield return char.ConvertToUtf32(text[i], text[++i]);
            }
            else
            {
                yield return text[i];
            }
        }
    }

    public static int Count(string text) => Of(text).Count();
}
