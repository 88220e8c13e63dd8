using System.Globalization;

namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>
/// The sets behind <c>\p{..}</c>, <c>\s</c>, <c>\d</c>, <c>\w</c> and the POSIX brackets, as Oniguruma defines them for UTF-8.
/// </summary>
internal static class UnicodeSets
{
    private static readonly Lazy<CodePointSet[]> Categories = new(BuildCategories);
    private static readonly Lazy<CodePointSet> LazyWord = new(BuildWord);
    private static readonly Lazy<CodePointSet> LazyBareWord = new(() => Word.Union(
        CodePointSet.Of([new(0xB2, 0xB3), new(0xB9, 0xB9), new(0xBC, 0xBE)])));

    private static readonly Lazy<CodePointSet> LazyRustWord = new(() => Word.Union(Range(0x200C, 0x200D)));

    /// <summary>Unicode White_Space.</summary>
    public static CodePointSet Space { get; } = CodePointSet.Of(
    [
        new(0x09, 0x0D), new(0x20, 0x20), new(0x85, 0x85), new(0xA0, 0xA0), new(0x1680, 0x1680), new(0x2000, 0x200A),
        new(0x2028, 0x2029), new(0x202F, 0x202F), new(0x205F, 0x205F), new(0x3000, 0x3000),
    ]);

    private static CodePointSet OtherUppercase { get; } = CodePointSet.Of(
        [new(0x2160, 0x216F), new(0x24B6, 0x24CF), new(0x1F130, 0x1F149), new(0x1F150, 0x1F169), new(0x1F170, 0x1F189)]);

    private static CodePointSet OtherLowercase { get; } = CodePointSet.Of(
    [
        new(0xAA, 0xAA), new(0xBA, 0xBA), new(0x2B0, 0x2B8), new(0x2C0, 0x2C1), new(0x2E0, 0x2E4), new(0x345, 0x345),
        new(0x37A, 0x37A),
        new(0x10FC, 0x10FC), new(0x1D2C, 0x1D6A), new(0x1D78, 0x1D78), new(0x1D9B, 0x1DBF), new(0x2071, 0x2071),
        new(0x207F, 0x207F),
        new(0x2090, 0x209C), new(0x2170, 0x217F), new(0x24D0, 0x24E9), new(0x2C7C, 0x2C7D), new(0xA69C, 0xA69D),
        new(0xA770, 0xA770),
        new(0xA7F2, 0xA7F4), new(0xA7F8, 0xA7F9), new(0xAB5C, 0xAB5F), new(0xAB69, 0xAB69), new(0x10780, 0x10780),
        new(0x10783, 0x10785),
        new(0x10787, 0x107B0), new(0x107B2, 0x107BA), new(0x1E030, 0x1E06D),
    ]);

    public static CodePointSet Digit => Category(UnicodeCategory.DecimalDigitNumber);

    /// <summary>
    /// Letters, marks, decimal digits, letter numbers, connectors and the circled letters (Other_Alphabetic symbols).
    /// </summary>
    public static CodePointSet Word => LazyWord.Value;

    /// <summary>
    /// What <c>\w</c> matches outside of brackets: Oniguruma takes Latin-1 from a table that has superscripts and fractions
    /// too.
    /// </summary>
    public static CodePointSet BareWord => LazyBareWord.Value;

    /// <summary>What Rust's regular expressions take for <c>\w</c>: also the two joiners.</summary>
    public static CodePointSet RustWord => LazyRustWord.Value;

    public static CodePointSet Category(UnicodeCategory category) => Categories.Value[(int)category];

    /// <summary>
    /// The set of a property name as it stands in <c>\p{name}</c> or <c>[:name:]</c>; null when it is not known.
    /// </summary>
    public static CodePointSet? Find(string name)
    {
        string key = name.Replace("_", "").Replace("-", "").Replace(" ", "").ToLowerInvariant();
        return key switch
        {
            "any" => CodePointSet.All,
            "ascii" => Range(0, 0x7F),
            "digit" => Digit,
            "space" or "whitespace" => Space,
            "word" => Word,
            "upper" or "uppercase" => OfLetters("lu").Union(OtherUppercase),
            "lower" or "lowercase" => OfLetters("ll").Union(OtherLowercase),
            "punct" => OfLetters("p", "s"),
            "cntrl" => OfLetters("cc"),
            "blank" => OfLetters("zs").Union(CodePointSet.Of('\t')),
            "xdigit" => Range('0', '9').Union(Range('a', 'f')).Union(Range('A', 'F')),
            "han" => UnicodeScripts.Han,
            "hiragana" => UnicodeScripts.Hiragana,
            "katakana" => UnicodeScripts.Katakana,
            "hangul" => UnicodeScripts.Hangul,
            "cyrillic" => UnicodeScripts.Cyrillic,
            "greek" => UnicodeScripts.Greek,
            "latin" => UnicodeScripts.Latin,
            "letter" => OfLetters("l"),
            "mark" => OfLetters("m"),
            "number" => OfLetters("n"),
            "punctuation" => OfLetters("p"),
            "symbol" => OfLetters("s"),
            "separator" => OfLetters("z"),
            "other" => OfLetters("c"),
            _ => key.Length is 1 or 2 && OfLetters(key) is { IsEmpty: false } set ? set : null,
        };
    }

    private static CodePointSet Range(int first, int last) => CodePointSet.Of([new CodePointRange(first, last)]);

    /// <summary>Union of the general categories whose two-letter names begin with one of the given prefixes.</summary>
    private static CodePointSet OfLetters(params string[] prefixes)
    {
        string[] names =
        [
            "lu", "ll", "lt", "lm", "lo", "mn", "mc", "me", "nd", "nl", "no", "zs", "zl", "zp", "cc", "cf", "cs", "co", "pc",
            "pd", "ps",
            "pe", "pi", "pf", "po", "sm", "sc", "sk", "so", "cn",
        ];
        return CodePointSet.Of(names.Index()
            .Where(n => prefixes.Any(p => n.Item.StartsWith(p, StringComparison.Ordinal)))
            .SelectMany(n => Category((UnicodeCategory)n.Index).Ranges));
    }

    private static CodePointSet BuildWord() => OfLetters("l", "m", "nd", "nl", "pc").Union(CodePointSet.Of(
        [new(0x24B6, 0x24E9), new(0x1F130, 0x1F149), new(0x1F150, 0x1F169), new(0x1F170, 0x1F189)]));

    private static CodePointSet[] BuildCategories()
    {
        var ranges = new List<CodePointRange>[30];
        for (int i = 0; i < ranges.Length; i++)
        {
            ranges[i] = [];
        }

        int start = 0;
        var current = CharUnicodeInfo.GetUnicodeCategory(0);
        for (int c = 1; c <= CodePointSet.MaxCodePoint; c++)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(c);
            if (category != current)
            {
                ranges[(int)current].Add(new CodePointRange(start, c - 1));
                (start, current) = (c, category);
            }
        }

        ranges[(int)current].Add(new CodePointRange(start, CodePointSet.MaxCodePoint));
        return [.. ranges.Select(CodePointSet.Of)];
    }
}
