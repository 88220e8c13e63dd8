using System.Globalization;
using System.Text;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>Python's ideas of characters: white space, line ends, case, classes.</summary>
internal static class PythonText
{
    /// <summary>White space of <c>str.isspace</c>, <c>strip</c> and <c>split</c>: more than .NET's by the separators 1C to 1F.</summary>
    public static bool IsSpace(char c) => c is >= '\x1c' and <= '\x1f' || (char.IsWhiteSpace(c) && c != '\u180e');

    public static bool IsLineEnd(char c) => c is '\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029';

    public static string Upper(string text) => SpecialCasing.NeedsUpper(text) ? SpecialCasing.Upper(text) : text.ToUpperInvariant();

    public static string Lower(string text) => SpecialCasing.NeedsLower(text) ? SpecialCasing.Lower(text) : text.ToLowerInvariant();

    /// <summary>First code point in title case, the others in lower case.</summary>
    public static string Capitalize(string text) => text.Length == 0 ? text : TitleAt(text, 0) + Lower(text)[LowerSizeAt(text)..];

    /// <summary><c>str.title</c>: every run of letters capitalised.</summary>
    public static string Title(string text)
    {
        StringBuilder result = new(text.Length);
        bool inWord = false;
        for (int at = 0; at < text.Length;)
        {
            int size = CodePoints.SizeAt(text, at);
            string point = text.Substring(at, size);
            bool cased = IsCased(CodePoints.At(text, at));
            result.Append(!cased ? point : inWord ? Lower(point) : TitleAt(text, at));
            inWord = cased;
            at += size;
        }

        return result.ToString();
    }

    /// <summary>True when there are characters and each has the property.</summary>
    public static bool All(string text, Func<int, bool> has)
    {
        for (int at = 0; at < text.Length; at += CodePoints.SizeAt(text, at))
        {
            if (!has(CodePoints.At(text, at)))
            {
                return false;
            }
        }

        return text.Length > 0;
    }

    public static bool IsAlpha(int c) => CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.UppercaseLetter
        or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter;

    public static bool IsDecimal(int c) => CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.DecimalDigitNumber;

    public static bool IsDigit(int c) => CharUnicodeInfo.GetDigitValue(char.ConvertFromUtf32(Safe(c)), 0) >= 0;

    public static bool IsNumeric(int c) => CharUnicodeInfo.GetNumericValue(char.ConvertFromUtf32(Safe(c)), 0) >= 0;

    public static bool IsAlphanumeric(int c) => IsAlpha(c) || IsDecimal(c) || IsDigit(c) || IsNumeric(c);

    /// <summary>\w of Python's regular expressions.</summary>
    public static bool IsWord(int c) => c == '_' || IsAlphanumeric(c);

    public static bool IsUpper(int c) => CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.UppercaseLetter;

    public static bool IsLower(int c) => CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.LowercaseLetter || c is 0xaa or 0xba;

    public static bool IsCased(int c) => IsUpper(c) || IsLower(c) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.TitlecaseLetter;

    /// <summary>Whether <c>repr</c> shows it as it is.</summary>
    public static bool IsPrintable(int c) => c == ' ' || CharUnicodeInfo.GetUnicodeCategory(c) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    /// <summary><c>islower</c> and <c>isupper</c>: some cased character, and none of the other cases.</summary>
    public static bool HasOnly(string text, Func<int, bool> wanted)
    {
        bool any = false;
        for (int at = 0; at < text.Length; at += CodePoints.SizeAt(text, at))
        {
            int c = CodePoints.At(text, at);
            if (wanted(c))
            {
                any = true;
            }
            else if (IsCased(c))
            {
                return false;
            }
        }

        return any;
    }

    private static int Safe(int c) => c is >= 0xd800 and <= 0xdfff ? 'x' : c;

    private static string TitleAt(string text, int at) => SpecialCasing.Title(text.Substring(at, CodePoints.SizeAt(text, at)));

    private static int LowerSizeAt(string text) => Lower(text[..CodePoints.SizeAt(text, 0)]).Length;
}
