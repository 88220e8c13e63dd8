namespace XLLM.Text.Tokenizers.PostProcessors;

/// <summary>Puts special tokens around a text's ids.</summary>
/// <param name="templates">Applied one after the other; in each, null stands for the ids so far and an array for ids put
/// there.</param>
internal sealed class PostProcessor(IReadOnlyList<IReadOnlyList<int[]?>> templates)
{
    /// <summary>Adds nothing.</summary>
    public static PostProcessor None { get; } = new([]);

    public static PostProcessor Around(int[] before, int[] after) => new([[before, null, after]]);

    public IReadOnlyList<int> Apply(List<int> ids)
    {
        foreach (IReadOnlyList<int[]?> template in templates)
        {
            var result = new List<int>(ids.Count + 4);
            foreach (int[]? part in template)
            {
                result.AddRange(part ?? (IEnumerable<int>)ids);
            }

            ids = result;
        }

        return ids;
    }
}
