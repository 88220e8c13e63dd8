using System.Text;
using XLLM.Grammar.Text;

namespace XLLM.Grammar.Tokens;

/// <summary>
/// Tokens made of certain characters only, as a finished mask, and the other tokens that stay inside a string as a trie: where all
/// characters of the slice may follow each other, only the others need a look.
/// </summary>
internal sealed record TokenSlice(string? Alphabet, int Longest, uint[] Mask, TokenTrie Others)
{
    /// <summary>Stands for all characters that need no escape.</summary>
    private const string Unescaped = "\0";

    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Digits = "0123456789";

    /// <summary>The characters of the slices, the largest first; null = everything.</summary>
    public static IReadOnlyList<string?> Alphabets { get; } =
    [
        null,
        Unescaped,
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

    /// <summary>The classes of code points that tokens of the slice have.</summary>
    public IEnumerable<int> ClassesIn(CodeClasses classes)
    {
        switch (Alphabet)
        {
            case null:
                return Enumerable.Range(0, classes.Count);
            case Unescaped:
                HashSet<int> found = [];
                for (int run = 0; run < classes.Starts.Length; run++)
                {
                    int first = classes.Starts[run];
                    int end = run + 1 < classes.Starts.Length ? classes.Starts[run + 1] : CharSet.Last + 1;
                    if (end > 0x20 && !(end == first + 1 && first is '"' or '\\'))
                    {
                        found.Add(classes.RunClasses[run]);
                    }
                }

                return found;
            default:
                return Alphabet.Select(c => classes.Of(c)).Distinct();
        }
    }

    /// <param name="alphabet">Characters, or null for everything.</param>
    /// <param name="inside">Tokens that stay inside a string with the code points they need, by their bytes ascending.</param>
    /// <param name="words">Words of a mask.</param>
    public static TokenSlice Make(string? alphabet, List<(byte[] Bytes, int Token, int Needs)> inside, int words)
    {
        bool[] member = new bool[256];
        Array.Fill(member, alphabet is null or Unescaped);
        member['\\'] &= alphabet is null;
        foreach (byte b in Encoding.ASCII.GetBytes(alphabet is null or Unescaped ? "" : alphabet))
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

        return new TokenSlice(alphabet, longest, mask, new TokenTrie(others, true));
    }
}
