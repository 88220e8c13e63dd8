using System.Globalization;
using System.Text;

namespace XLLM.Cli.Terminal;

/// <summary>
/// Columns of a terminal that a character takes: 0 for marks that combine, 2 for wide ones of East Asia and emoji, else 1.
/// </summary>
internal static class CharacterWidth
{
    // Unicode TR11, the blocks that are wide as a whole.
    private static readonly (int From, int To)[] Wide =
    [
        (0x1100, 0x115F), (0x2E80, 0x303E), (0x3041, 0x33FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xA000, 0xA4CF), (0xAC00, 0xD7A3),
        (0xF900, 0xFAFF), (0xFE30, 0xFE6F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6), (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1F9FF),
        (0x20000, 0x3FFFD),
    ];

    public static int Of(string character)
    {
        if (!Rune.TryGetRuneAt(character, 0, out Rune rune))
        {
            return 1;
        }

        UnicodeCategory category = Rune.GetUnicodeCategory(rune);
        if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format)
        {
            return 0;
        }

        return Wide.Any(r => rune.Value >= r.From && rune.Value <= r.To) ? 2 : 1;
    }
}
