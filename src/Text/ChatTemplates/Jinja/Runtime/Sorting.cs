namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>A stable merge sort that bears an order without sense (NaN) and lets the comparison's exceptions through.</summary>
internal static class Sorting
{
    public static List<T> Stable<T>(List<T> items, Func<T, T, int> compare)
    {
        T[] from = [.. items];
        T[] to = new T[from.Length];
        for (int width = 1; width < from.Length; width *= 2)
        {
            for (int low = 0; low < from.Length; low += 2 * width)
            {
                Merge(from, to, low, Math.Min(low + width, from.Length), Math.Min(low + (2 * width), from.Length), compare);
            }

            (from, to) = (to, from);
        }

        return [.. from];
    }

    private static void Merge<T>(T[] from, T[] to, int low, int middle, int high, Func<T, T, int> compare)
    {
        int left = low;
        int right = middle;
        for (int at = low; at < high; at++)
        {
            bool takeLeft = left < middle && (right >= high || compare(from[right], from[left]) >= 0);
            to[at] = takeLeft ? from[left++] : from[right++];
        }
    }
}
