using System.Text;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>
/// Case mappings to several characters, which .NET's invariant ones lack (Unicode SpecialCasing.txt, without the Greek letters with
/// iota subscript): sharp s, ligatures, the final sigma, the dotted capital I.
/// </summary>
internal static class SpecialCasing
{
    private const string Points = "ß\u0149\u01f0\u0390\u03b0\u0587\u1e96\u1e97\u1e98\u1e99\u1e9a\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06"
        + "\ufb13\ufb14\ufb15\ufb16\ufb17";

    private static readonly string[] Uppers =
    [
        "SS", "\u02bcN", "J\u030c", "\u0399\u0308\u0301", "\u03a5\u0308\u0301", "\u0535\u0552", "H\u0331", "T\u0308", "W\u030a", "Y\u030a",
        "A\u02be", "FF", "FI", "FL", "FFI", "FFL", "ST", "ST", "\u0544\u0546", "\u0544\u0535", "\u0544\u053b", "\u054e\u0546", "\u0544\u053d",
    ];

    public static bool NeedsUpper(string text) => text.AsSpan().ContainsAny(Points);

    public static bool NeedsLower(string text) => text.AsSpan().ContainsAny('\u0130', '\u03a3');

    public static string Upper(string text)
    {
        StringBuilder result = new(text.Length + 8);
        foreach (char c in text)
        {
            int at = Points.IndexOf(c);
            result.Append(at < 0 ? c.ToString() : Uppers[at]);
        }

        return result.ToString().ToUpperInvariant();
    }

    /// <summary>Title case of one character: upper case, of which only the first character stays large.</summary>
    public static string Title(string point)
    {
        switch (point[0])
        {
            case >= '\u01c4' and <= '\u01cc':
                return point[0] <= '\u01c6' ? "\u01c5" : point[0] <= '\u01c9' ? "\u01c8" : "\u01cb";
            case >= '\u01f1' and <= '\u01f3':
                return "\u01f2";
            case >= '\u10d0' and <= '\u10ff':
                return point;
        }

        string upper = NeedsUpper(point) ? Upper(point) : point.ToUpperInvariant();
        int first = CodePoints.SizeAt(upper, 0);
        return upper[..first] + upper[first..].ToLowerInvariant();
    }

    public static string Lower(string text)
    {
        StringBuilder result = new(text.Length + 8);
        for (int at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '\u0130':
                    result.Append("i\u0307");
                    break;
                case '\u03a3' when EndsWord(text, at):
                    result.Append('\u03c2');
                    break;
                default:
                    result.Append(text[at]);
                    break;
            }
        }

        return result.ToString().ToLowerInvariant();
    }

    private static bool EndsWord(string text, int at) =>
        at > 0 && PythonText.IsCased(text[at - 1]) && (at + 1 == text.Length || !PythonText.IsCased(text[at + 1]));
}
