using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>The evaluated arguments of one call; no name occurs twice.</summary>
internal sealed record CallArguments(IReadOnlyList<Value> Positional, IReadOnlyList<KeyValuePair<string, Value>> Named)
{
    public static readonly CallArguments None = new([], []);
}
