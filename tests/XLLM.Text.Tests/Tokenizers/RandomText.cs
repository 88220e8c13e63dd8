using System.Text;

namespace XLLM.Text.Tests.Tokenizers;

/// <summary>Random texts of many scripts, without lone surrogates.</summary>
internal static class RandomText
{
    private static readonly (int First, int Last)[] Ranges =
    [
        (0x20, 0x7E), (0x20, 0x7E), (0x20, 0x7E), (0, 0x1F), (0x80, 0x24F), (0x300, 0x36F), (0x370, 0x5FF), (0x600, 0x6FF),
        (0x900, 0x97F),
        (0xE00, 0xE7F), (0x1100, 0x11FF), (0x2000, 0x206F), (0x2190, 0x22FF), (0x3000, 0x30FF), (0x4E00, 0x9FFF),
        (0xAC00, 0xD7A3),
        (0xE000, 0xE0FF), (0xF900, 0xFFFD), (0x10000, 0x1FFFF), (0x1F300, 0x1F64F), (0x20000, 0x2A6DF), (0x10FF00, 0x10FFFF),
    ];

    public static string Next(Random random)
    {
        var text = new StringBuilder();
        for (int part = random.Next(0, 10); part >= 0; part--)
        {
            (int first, int last) = Ranges[random.Next(Ranges.Length)];
            for (int i = random.Next(0, 9); i > 0; i--)
            {
                text.Append(new Rune(random.Next(first, last + 1)).ToString());
            }

            text.Append(random.Next(4) switch { 0 => " ", 1 => "\n", _ => "" });
        }

        return text.ToString();
    }
}
