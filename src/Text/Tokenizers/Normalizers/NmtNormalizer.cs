using System.Text;

namespace XLLM.Text.Tokenizers.Normalizers;

/// <summary>SentencePiece's NMT cleaning: control characters out, every kind of space to a space.</summary>
internal sealed class NmtNormalizer : INormalizer
{
    public string Normalize(string text) =>
        RuneFilter.Map(text, r => IsDropped(r.Value) ? null : IsSpace(r.Value) ? new Rune(' ') : r);

    private static bool IsDropped(int c) =>
        c is (>= 0x01 and <= 0x08) or 0x0B or (>= 0x0E and <= 0x1F) or 0x7F or 0x8F or 0x9F;

    private static bool IsSpace(int c) =>
        c is 0x09 or 0x0A or 0x0C or 0x0D or 0x1680 or (>= 0x200B and <= 0x200F)
            or 0x2028 or 0x2029 or 0x2581 or 0xFEFF or 0xFFFD;
}
