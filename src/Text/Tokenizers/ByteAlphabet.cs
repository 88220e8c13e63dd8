using System.Text;

namespace XLLM.Text.Tokenizers;

/// <summary>
/// GPT-2's alphabet of 256 visible characters, one a byte: printable Latin-1 stands for itself, the 68 others for U+0100 and up
/// (so space is U+0120 'Ġ').
/// </summary>
internal static class ByteAlphabet
{
    private const int Largest = 0x143;

    private static readonly char[] Chars = BuildChars();
    private static readonly short[] Bytes = BuildBytes();

    public static char CharOf(byte value) => Chars[value];

    /// <summary>The byte a character stands for, or -1.</summary>
    public static int ByteOf(char c) => c <= Largest ? Bytes[c] : -1;

    /// <summary>Appends the UTF-8 bytes of a text as characters of the alphabet.</summary>
    public static void Append(ReadOnlySpan<char> text, StringBuilder output)
    {
        Span<byte> buffer = stackalloc byte[256];
        while (!text.IsEmpty)
        {
            int take = Math.Min(text.Length, 64);
            if (take < text.Length && char.IsHighSurrogate(text[take - 1]))
            {
                take--;
            }

            int count = Encoding.UTF8.GetBytes(text[..take], buffer);
            foreach (byte b in buffer[..count])
            {
                output.Append(Chars[b]);
            }

            text = text[take..];
        }
    }

    /// <summary>The bytes a token stands for; its own UTF-8 when a character is not of the alphabet.</summary>
    public static byte[] Decode(string token)
    {
        var bytes = new byte[token.Length];
        for (int i = 0; i < token.Length; i++)
        {
            int value = ByteOf(token[i]);
            if (value < 0)
            {
                return Encoding.UTF8.GetBytes(token);
            }

            bytes[i] = (byte)value;
        }

        return bytes;
    }

    private static char[] BuildChars()
    {
        var chars = new char[256];
        int next = 0x100;
        for (int b = 0; b < 256; b++)
        {
            bool visible = b is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            chars[b] = visible ? (char)b : (char)next++;
        }

        return chars;
    }

    private static short[] BuildBytes()
    {
        var bytes = new short[Largest + 1];
        Array.Fill(bytes, (short)-1);
        for (int b = 0; b < 256; b++)
        {
            bytes[CharOf((byte)b)] = (short)b;
        }

        return bytes;
    }
}
