using System.Diagnostics.CodeAnalysis;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>Variables of one block. What a block sets is not seen outside; what it does not set comes from its parent.</summary>
internal sealed class Scope(Scope? parent)
{
    private Dictionary<string, Value>? _variables;

    public bool TryGet(string name, [NotNullWhen(true)] out Value? value)
    {
        for (Scope? at = this; at is not null; at = at.Parent)
        {
            if (at._variables is not null && at._variables.TryGetValue(name, out value))
            {
                return true;
            }
        }

        value = null;
        return false;
    }

    public void Set(string name, Value value) => (_variables ??= new(StringComparer.Ordinal))[name] = value;

    private Scope? Parent => parent;
}
