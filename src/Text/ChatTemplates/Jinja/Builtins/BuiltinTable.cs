using System.Collections;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Builtins by name, several names for one allowed; made once and only read then.</summary>
internal sealed class BuiltinTable : IEnumerable<Builtin>
{
    private readonly Dictionary<string, Builtin> _byName = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, Builtin> ByName => _byName;

    /// <summary>Adds a builtin under names separated by blanks.</summary>
    public void Add(string names, string signature, BuiltinBody body)
    {
        foreach (string name in names.Split(' '))
        {
            _byName.Add(name, new Builtin(name, signature, body));
        }
    }

    public void Add(IEnumerable<Builtin> others)
    {
        foreach (Builtin other in others)
        {
            _byName.Add(other.Name, other);
        }
    }

    public IEnumerator<Builtin> GetEnumerator() => _byName.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
