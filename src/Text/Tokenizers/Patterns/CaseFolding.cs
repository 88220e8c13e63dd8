using System.Text;

namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>
/// Simple case folding: code points that differ only in case are one (also long s with s, and the Kelvin sign with k).
/// </summary>
internal static class CaseFolding
{
    private static readonly Lazy<Dictionary<int, List<int>>> Variants = new(Build);

    /// <summary>The set with every case variant of its members.</summary>
    public static CodePointSet Close(CodePointSet set)
    {
        var ranges = new List<CodePointRange>(set.Ranges);
        Dictionary<int, List<int>> variants = Variants.Value;
        foreach (List<int> group in variants.Values)
        {
            if (group.Any(set.Contains))
            {
                ranges.AddRange(group.Select(c => new CodePointRange(c, c)));
            }
        }

        return CodePointSet.Of(ranges);
    }

    /// <summary>The code point all case variants have in common.</summary>
    private static int Fold(Rune rune) => Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).Value;

    private static Dictionary<int, List<int>> Build()
    {
        var groups = new Dictionary<int, List<int>>();
        foreach (CodePointRange range in new CodePointRange[] { new(0, 0x2FFF), new(0xA600, 0xABFF), new(0xFF00, 0xFFFF),
            new(0x10000, 0x1FFFF) })
        {
            for (int c = range.First; c <= range.Last; c++)
            {
                var rune = new Rune(c);
                int fold = Fold(rune);
                if (fold != c)
                {
                    if (!groups.TryGetValue(fold, out List<int>? group))
                    {
                        groups[fold] = group = [fold];
                    }

                    group.Add(c);
                }
            }
        }

        Merge(groups, 's', 0x17F);
        Merge(groups, 'k', 0x212A);
        return groups;
    }

    private static void Merge(Dictionary<int, List<int>> groups, int fold, int variant)
    {
        if (!groups[fold].Contains(variant))
        {
            groups[fold].Add(variant);
        }
    }
}
