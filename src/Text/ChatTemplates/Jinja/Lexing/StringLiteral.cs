using System.Globalization;
using System.Text;

namespace XLLM.Text.ChatTemplates.Jinja.Lexing;

/// <summary>Python's escapes in string literals.</summary>
internal static class StringLiteral
{
    /// <summary>The text meant, or null for a malformed escape; an unknown one stays as it is, as in Python.</summary>
    public static string? Unescape(string text)
    {
        StringBuilder result = new(text.Length);
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] != '\\')
            {
                result.Append(text[at]);
                continue;
            }

            if (++at >= text.Length)
            {
                return null;
            }

            switch (text[at])
            {
                case '\n':
                    break;
                case 'x' or 'u' or 'U':
                    int size = text[at] == 'x' ? 2 : text[at] == 'u' ? 4 : 8;
                    if (!TryHex(text, at + 1, size, out int code))
                    {
                        return null;
                    }

                    Append(result, code);
                    at += size;
                    break;
                case >= '0' and <= '7':
                    at += Octal(text, at, result) - 1;
                    break;
                case 'N':
                    return null;
                default:
                    result.Append(Simple(text[at]) is char simple ? simple.ToString() : "\\" + text[at]);
                    break;
            }
        }

        return result.ToString();
    }

    private static char? Simple(char c) => c switch
    {
        '\\' or '\'' or '"' => c,
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'a' => '\a',
        'b' => '\b',
        'f' => '\f',
        'v' => '\v',
        _ => null,
    };

    private static bool TryHex(string text, int at, int size, out int code)
    {
        code = 0;
        return at + size <= text.Length
            && int.TryParse(text.AsSpan(at, size), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out code)
            && code is >= 0 and <= 0x10ffff;
    }

    private static int Octal(string text, int at, StringBuilder result)
    {
        int size = 0;
        int code = 0;
        for (; size < 3 && at + size < text.Length && text[at + size] is >= '0' and <= '7'; size++)
        {
            code = (code * 8) + (text[at + size] - '0');
        }

        Append(result, code);
        return size;
    }

    private static void Append(StringBuilder result, int code)
    {
        if (code > 0xffff)
        {
            result.Append(char.ConvertFromUtf32(code));
        }
        else
        {
            result.Append((char)code);
        }
    }
}
