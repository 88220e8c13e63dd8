using System.Collections.Immutable;

namespace Orleans.Metadata;

/// <summary>Properties of a grain class by name.</summary>
public sealed class GrainProperties(ImmutableDictionary<string, string> values)
{
    public ImmutableDictionary<string, string> Properties { get; } = values;
}
