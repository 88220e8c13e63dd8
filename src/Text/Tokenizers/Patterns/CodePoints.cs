using System.Runtime.CompilerServices;

namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>Reads UTF-16 text by code points; a lone surrogate counts as one code point of its own value.</summary>
internal static class CodePoints
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Read(ReadOnlySpan<char> text, int at, out int width)
    {
        char c = text[at];
        if (char.IsHighSurrogate(c) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
        {
            width = 2;
            return char.ConvertToUtf32(c, text[at + 1]);
        }

        width = 1;
        return c;
    }

    /// <summary>Width of the code point at <paramref name="at"/>: 1 or 2; 1 at the end.</summary>
    public static int Width(ReadOnlySpan<char> text, int at) =>
        at + 1 < text.Length && char.IsHighSurrogate(text[at]) && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;

    /// <summary>Width of the code point that ends before <paramref name="at"/> (at least 1).</summary>
    public static int WidthBefore(ReadOnlySpan<char> text, int at) =>
        at >= 2 && char.IsLowSurrogate(text[at - 1]) && char.IsHighSurrogate(text[at - 2]) ? 2 : 1;
}
