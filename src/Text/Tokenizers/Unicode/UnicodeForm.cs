using System.Text;

namespace XLLM.Text.Tokenizers.Unicode;

/// <summary>The four Unicode normalization forms (Unicode Standard Annex 15), the same on every machine.</summary>
internal static class UnicodeForm
{
    private const int HangulBase = 0xAC00;
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TailBase = 0x11A7;
    private const int Vowels = 21;
    private const int Tails = 28;
    private const int Syllables = 11172;

    public static string Normalize(string text, NormalizationForm form)
    {
        if (IsPlain(text))
        {
            return text;
        }

        List<int> points = Decompose(text, form is NormalizationForm.FormKC or NormalizationForm.FormKD);
        Reorder(points);
        if (form is NormalizationForm.FormC or NormalizationForm.FormKC)
        {
            Compose(points);
        }

        var result = new StringBuilder(text.Length);
        foreach (int point in points)
        {
            result.Append(new Rune(point).ToString());
        }

        return result.ToString();
    }

    private static bool IsPlain(string text) => !text.AsSpan().ContainsAnyExceptInRange('\0', '\u007F');

    private static List<int> Decompose(string text, bool compatible)
    {
        var points = new List<int>(text.Length + 8);
        foreach (Rune rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, compatible, points);
        }

        return points;
    }

    private static void Decompose(int point, bool compatible, List<int> points)
    {
        int syllable = point - HangulBase;
        if ((uint)syllable < Syllables)
        {
            points.Add(LeadBase + (syllable / (Vowels * Tails)));
            points.Add(VowelBase + (syllable % (Vowels * Tails) / Tails));
            if (syllable % Tails != 0)
            {
                points.Add(TailBase + (syllable % Tails));
            }

            return;
        }

        int[]? mapping = point < 0xA0 ? null : NormalizationData.Instance.Decompose(point, compatible);
        if (mapping is null)
        {
            points.Add(point);
            return;
        }

        foreach (int part in mapping)
        {
            Decompose(part, compatible, points);
        }
    }

    /// <summary>Puts each run of combining marks into the order of their classes, stably, in O(n log n).</summary>
    private static void Reorder(List<int> points)
    {
        NormalizationData data = NormalizationData.Instance;
        for (int start = 0; start < points.Count; start++)
        {
            int end = start;
            while (end < points.Count && data.ClassOf(points[end]) != 0)
            {
                end++;
            }

            if (end - start > 1)
            {
                int[] sorted = [.. points.GetRange(start, end - start).OrderBy(data.ClassOf)];
                for (int i = 0; i < sorted.Length; i++)
                {
                    points[start + i] = sorted[i];
                }
            }

            start = end;
        }
    }

    private static void Compose(List<int> points)
    {
        NormalizationData data = NormalizationData.Instance;
        int starter = -1;
        int lastClass = -1;
        int length = 0;
        for (int i = 0; i < points.Count; i++)
        {
            int point = points[i];
            int cls = data.ClassOf(point);
            int composed = starter >= 0 && lastClass < cls ? ComposePair(points[starter], point)
                : starter >= 0 && lastClass < 0 ? ComposePair(points[starter], point)
                : -1;
            if (composed >= 0)
            {
                points[starter] = composed;
                continue;
            }

            if (cls == 0)
            {
                starter = length;
                lastClass = -1;
            }
            else
            {
                lastClass = cls;
            }

            points[length++] = point;
        }

        points.RemoveRange(length, points.Count - length);
    }

    private static int ComposePair(int first, int second)
    {
        int lead = first - LeadBase;
        int vowel = second - VowelBase;
        if ((uint)lead < 19 && (uint)vowel < Vowels)
        {
            return HangulBase + (((lead * Vowels) + vowel) * Tails);
        }

        int syllable = first - HangulBase;
        int tail = second - TailBase;
        if ((uint)syllable < Syllables && syllable % Tails == 0 && tail is > 0 and < Tails)
        {
            return first + tail;
        }

        return NormalizationData.Instance.Compose(first, second);
    }
}
