namespace XLLM.Grammar.Text;

/// <summary>Partition of the code points into classes that some automata cannot tell apart.</summary>
internal sealed class CodeClasses
{
    private readonly int[] _ascii = new int[128];
    private readonly int[] _starts;
    private readonly int[] _classOf;

    private CodeClasses(int[] starts, int[] classOf, int[] representatives)
    {
        _starts = starts;
        _classOf = classOf;
        Representatives = representatives;
        for (int c = 0; c < 128; c++)
        {
            _ascii[c] = Search(c);
        }
    }

    /// <summary>One code point of each class.</summary>
    public int[] Representatives { get; }

    public int Count => Representatives.Length;

    /// <summary>First code points of the runs of equal class, ascending; the first is 0.</summary>
    public ReadOnlySpan<int> Starts => _starts;

    /// <summary>The class of each run.</summary>
    public ReadOnlySpan<int> RunClasses => _classOf;

    /// <summary>The coarsest partition that every set is a union of classes of.</summary>
    public static CodeClasses OfSets(IReadOnlyCollection<CharSet> sets)
    {
        var marks = new List<(int At, int Set)>();
        int number = 0;
        foreach (CharSet set in sets)
        {
            foreach (int bound in set.Bounds)
            {
                marks.Add((bound, number));
            }

            number++;
        }

        marks.Sort();
        ulong[] signature = new ulong[(number / 64) + 1];
        return Build(marks, signature, static (s, set) => s[set / 64] ^= 1UL << (set % 64));
    }

    /// <summary>The coarsest common refinement; <paramref name="maps"/>[i][c] is the class in parts[i] of the class c here.</summary>
    public static CodeClasses Refine(IReadOnlyList<CodeClasses> parts, out int[][] maps)
    {
        var marks = new List<(int At, int Part)>();
        for (int p = 0; p < parts.Count; p++)
        {
            foreach (int start in parts[p]._starts)
            {
                marks.Add((start, p));
            }
        }

        marks.Sort();
        ulong[] signature = new ulong[parts.Count];
        int[] run = new int[parts.Count];
        Array.Fill(run, -1);
        CodeClasses refined = Build(marks, signature, (s, p) => s[p] = (ulong)parts[p]._classOf[++run[p]]);
        maps = [.. parts.Select(p => refined.Representatives.Select(p.Of).ToArray())];
        return refined;
    }

    public int Of(int codePoint) => (uint)codePoint < 128 ? _ascii[codePoint] : Search(codePoint);

    /// <summary>Index of the run that holds the code point.</summary>
    public int RunOf(int codePoint)
    {
        int at = Array.BinarySearch(_starts, codePoint);
        return at < 0 ? ~at - 1 : at;
    }

    private int Search(int codePoint) => _classOf[RunOf(codePoint)];

    private static CodeClasses Build(List<(int At, int Item)> marks, ulong[] signature, Action<ulong[], int> apply)
    {
        List<int> starts = [], classOf = [], representatives = [];
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        int m = 0;
        int at = 0;
        while (at <= CharSet.Last)
        {
            while (m < marks.Count && marks[m].At == at)
            {
                apply(signature, marks[m++].Item);
            }

            string key = string.Create(signature.Length * 4, signature, static (span, words) =>
            {
                for (int i = 0; i < words.Length; i++)
                {
                    for (int part = 0; part < 4; part++)
                    {
                        span[(i * 4) + part] = (char)(words[i] >> (16 * part));
                    }
                }
            });
            if (!known.TryGetValue(key, out int number))
            {
                number = representatives.Count;
                known.Add(key, number);
                representatives.Add(at);
            }

            if (classOf.Count == 0 || classOf[^1] != number)
            {
                starts.Add(at);
                classOf.Add(number);
            }

            at = m < marks.Count ? marks[m].At : CharSet.Last + 1;
        }

        return new CodeClasses([.. starts], [.. classOf], [.. representatives]);
    }
}
