using System.Globalization;
using System.Text;

namespace XLLM.Text.Tokenizers.Normalizers;

/// <summary>Drops every combining mark (which precomposed letters show only after NFD).</summary>
internal sealed class StripAccentsNormalizer : INormalizer
{
    public string Normalize(string text) => RuneFilter.Map(text, r => IsMark(r) ? null : r);

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
}
