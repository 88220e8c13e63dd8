namespace XLLM.Grammar.Text;

/// <summary>What <c>\d \s \w</c> mean in ECMA-262 (CharacterClassEscape).</summary>
internal static class EcmaSets
{
    public static CharSet Digit { get; } = CharSet.FromRanges([('0', '9')]);

    public static CharSet Space { get; } = CharSet.FromRanges(
    [
        (0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F),
        (0x3000, 0x3000), (0xFEFF, 0xFEFF),
    ]);

    public static CharSet Word { get; } = CharSet.FromRanges([('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]);
}
