using System.Text;

namespace XLLM.Grammar.Tokens;

/// <summary>
/// Tokens made of certain characters only, as a finished mask, and the other tokens that stay inside a string as a trie: where all
/// characters of the slice may follow each other, only the others need a look.
/// </summary>
internal sealed record TokenSlice(int[]? CodePoints, int Longest, uint[] Mask, TokenTrie Others)
{
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Digits = "0123456789";

    /// <summary>The characters of the slices, the largest first; null = everything.</summary>
    public static IReadOnlyList<string?> Alphabets { get; } =
    [
        null,
        string.Concat(Enumerable.Range(0x20, 0x5F).Select(c => (char)c).Where(c => c is not ('"' or '\\'))),
        string.Concat(Enumerable.Range(0x21, 0x5E).Select(c => (char)c).Where(c => c is not ('"' or '\\'))),
        Lower + Upper + Digits + "_-.",
        Lower + Upper + Digits + "_-",
        Lower + Upper + Digits,
        Lower + Digits,
        Lower + Upper,
        Lower,
        Digits + "abcdef",
    ];

    /// <param name="alphabet">Characters, or null for everything.</param>
    /// <param name="inside">Tokens that stay inside a string with the code points they need, by their bytes ascending.</param>
    /// <param name="words">Words of a mask.</param>
    public static TokenSlice Make(string? alphabet, List<(byte[] Bytes, int Token, int Needs)> inside, int words)
    {
        bool[] member = new bool[256];
        Array.Fill(member, alphabet is null);
        foreach (byte b in Encoding.ASCII.GetBytes(alphabet ?? ""))
        {
            member[b] = true;
        }

        uint[] mask = new uint[words];
        int longest = 0;
        List<(byte[], int)> others = [];
        foreach ((byte[] bytes, int token, int needs) in inside)
        {
            if (Array.TrueForAll(bytes, b => member[b]))
            {
                TokenTables.Set(mask, token);
                longest = Math.Max(longest, needs);
            }
            else
            {
                others.Add((bytes, token));
            }
        }

        return new TokenSlice(alphabet?.Select(c => (int)c).ToArray(), longest, mask, new TokenTrie(others, true));
    }
}
