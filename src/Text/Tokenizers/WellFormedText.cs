using System.Text;

namespace XLLM.Text.Tokenizers;

/// <summary>Makes text valid Unicode: a lone surrogate becomes U+FFFD.</summary>
internal static class WellFormedText
{
    public static string Of(string text)
    {
        int bad = FirstLoneSurrogate(text, 0);
        if (bad < 0)
        {
            return text;
        }

        var fixedText = new StringBuilder(text);
        for (; bad >= 0; bad = FirstLoneSurrogate(text, bad + 1))
        {
            fixedText[bad] = '\uFFFD';
        }

        return fixedText.ToString();
    }

    private static int FirstLoneSurrogate(string text, int from)
    {
        for (int i = from; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
                continue;
            }

            return i;
        }

        return -1;
    }
}
