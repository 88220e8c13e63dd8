using System.Globalization;
using System.Text;
using XLLM.Text.Tokenizers.Unicode;

namespace XLLM.Text.Tokenizers.Normalizers;

/// <summary>
/// BERT's cleaning: control characters out, whitespace to spaces, spaces around Chinese characters, accents off, lower case.
/// </summary>
internal sealed class BertNormalizer(bool cleanText, bool spaceChinese, bool stripAccents, bool lowercase) : INormalizer
{
    private static readonly LowercaseNormalizer Lowercase = new();

    public string Normalize(string text)
    {
        if (cleanText)
        {
            text = RuneFilter.Map(text, r => IsDropped(r) ? null : Rune.IsWhiteSpace(r) ? new Rune(' ') : r);
        }

        if (spaceChinese)
        {
            text = SpaceChinese(text);
        }

        if (stripAccents)
        {
            text = RuneFilter.Map(
                UnicodeForm.Normalize(text, NormalizationForm.FormD),
                r => Rune.GetUnicodeCategory(r) == UnicodeCategory.NonSpacingMark ? null : r);
        }

        return lowercase ? Lowercase.Normalize(text) : text;
    }

    private static bool IsDropped(Rune rune) => rune.Value is not ('\t' or '\n' or '\r') && (rune.Value is 0 or 0xFFFD
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse);

    private static bool IsChinese(int c) =>
        c is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF)
        or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF)
        or (>= 0x2F800 and <= 0x2FA1F);

    private static string SpaceChinese(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool chinese = IsChinese(rune.Value);
            result.Append(chinese ? " " : "").Append(rune.ToString()).Append(chinese ? " " : "");
        }

        return result.ToString();
    }
}
