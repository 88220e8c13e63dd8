using System.Collections.Concurrent;
using System.Globalization;

namespace XLLM.Grammar.Text;

/// <summary>
/// The classes of patterns over all of Unicode: what <c>\d \s \w</c> mean to the JSON Schema validators in use (Python's
/// <c>re</c>), and general categories. Made once on first use.
/// </summary>
internal static class UnicodeSets
{
    private static readonly ConcurrentDictionary<string, CharSet> Categories = new(StringComparer.Ordinal);

    public static CharSet Digit { get; } = ByCategory(static c => c == UnicodeCategory.DecimalDigitNumber);

    public static CharSet Space { get; } = CharSet.FromRanges(
    [
        (0x09, 0x0D), (0x1C, 0x20), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
        (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000),
    ]);

    public static CharSet Word { get; } = ByCategory(static c => c <= UnicodeCategory.OtherLetter
        || c is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber)
        .Union(CharSet.Of('_'));

    /// <summary>A general category (<c>L</c>, <c>Lu</c>, <c>Letter</c>), or null for a name that is none.</summary>
    public static CharSet? Category(string name)
    {
        string prefix = name switch
        {
            "Letter" => "L", "Mark" => "M", "Number" => "N", "Punctuation" => "P", "Symbol" => "S", "Separator" => "Z", "Other" => "C",
            "Uppercase_Letter" => "Lu", "Lowercase_Letter" => "Ll", "Decimal_Number" => "Nd", _ => name,
        };
        return prefix.Length is 1 or 2 && Short.Any(s => s.StartsWith(prefix, StringComparison.Ordinal))
            ? Categories.GetOrAdd(prefix, static p => ByCategory(c => Short[(int)c].StartsWith(p, StringComparison.Ordinal)))
            : null;
    }

    private static readonly string[] Short =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd",
        "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    private static CharSet ByCategory(Func<UnicodeCategory, bool> member)
    {
        List<(int, int)> ranges = [];
        int first = -1;
        for (int c = 0; c <= CharSet.Last + 1; c++)
        {
            bool inside = c <= CharSet.Last && member(CharUnicodeInfo.GetUnicodeCategory(c));
            if (inside && first < 0)
            {
                first = c;
            }
            else if (!inside && first >= 0)
            {
                ranges.Add((first, c - 1));
                first = -1;
            }
        }

        return CharSet.FromRanges(ranges);
    }
}
