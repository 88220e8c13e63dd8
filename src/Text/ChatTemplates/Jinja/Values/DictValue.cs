using System.Diagnostics.CodeAnalysis;

namespace XLLM.Text.ChatTemplates.Jinja.Values;

/// <summary>A dict: keys in the order of their first insertion, a later value of the same key in its place.</summary>
internal sealed class DictValue : Value
{
    private readonly OrderedDictionary<DictKey, KeyValuePair<Value, Value>> _entries = [];

    public override string TypeName => "dict";

    public override bool IsTrue => _entries.Count > 0;

    public int Count => _entries.Count;

    public IEnumerable<KeyValuePair<Value, Value>> Entries => _entries.Values;

    public bool TryGet(DictKey key, [NotNullWhen(true)] out Value? value)
    {
        bool found = _entries.TryGetValue(key, out KeyValuePair<Value, Value> entry);
        value = found ? entry.Value : null;
        return found;
    }

    /// <summary>For whoever builds the dict; once a template has seen it, it stays as it is.</summary>
    public void Set(DictKey key, Value name, Value value)
    {
        Value first = _entries.TryGetValue(key, out KeyValuePair<Value, Value> old) ? old.Key : name;
        _entries[key] = new(first, value);
    }

    public void Set(string name, Value value) => Set(DictKey.Of(name), new StringValue(name), value);
}
