using System.Globalization;
using System.Text;

namespace XLLM.Text.Tokenizers.Normalizers;

/// <summary>
/// Applies a <see cref="CharsMap"/> as Hugging Face does: to each short grapheme as a whole where a rule fits its beginning,
/// else to each of its code points.
/// </summary>
internal sealed class PrecompiledNormalizer(CharsMap map) : INormalizer
{
    private const int ShortGrapheme = 6;

    public string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        Span<byte> utf8 = stackalloc byte[ShortGrapheme];
        for (int at = 0; at < text.Length;)
        {
            int length = StringInfo.GetNextTextElementLength(text.AsSpan(at));
            ReadOnlySpan<char> grapheme = text.AsSpan(at, length);
            at += length;
            if (Encoding.UTF8.GetByteCount(grapheme) < ShortGrapheme
                && map.Find(utf8[..Encoding.UTF8.GetBytes(grapheme, utf8)], longest: false, out _) is { } whole)
            {
                result.Append(whole);
                continue;
            }

            foreach (Rune rune in grapheme.EnumerateRunes())
            {
                ReadOnlySpan<byte> bytes = utf8[..rune.EncodeToUtf8(utf8)];
                result.Append(map.Find(bytes, longest: false, out _) ?? rune.ToString());
            }
        }

        return result.ToString();
    }
}
