namespace XLLM.Contracts.Configuration;

/// <summary>Keys of a section as a tree.</summary>
internal sealed class OptionsNode
{
    public string? Value { get; private set; }

    public SortedDictionary<string, OptionsNode> Children { get; } = new(StringComparer.OrdinalIgnoreCase);

    public static OptionsNode Build(IEnumerable<KeyValuePair<string, string?>> pairs)
    {
        var root = new OptionsNode();
        foreach ((string key, string? value) in pairs)
        {
            OptionsNode at = root;
            foreach (string part in key.Split(':', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!at.Children.TryGetValue(part, out OptionsNode? next))
                {
                    at.Children[part] = next = new OptionsNode();
                }

                at = next;
            }

            at.Value = value ?? at.Value;
        }

        return root;
    }
}
