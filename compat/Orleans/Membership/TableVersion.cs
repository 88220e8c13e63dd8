using System.Globalization;

namespace Orleans;

/// <summary>Version of the membership table with the ETag it was read under.</summary>
[GenerateSerializer, Immutable]
public sealed class TableVersion(int version, string eTag) : IEquatable<TableVersion>
{
    [Id(0)]
    public int Version { get; } = version;

    [Id(1)]
    public string VersionEtag { get; } = eTag;

    /// <summary>The version to write after this one was read.</summary>
    public TableVersion Next() => new(checked(Version + 1), VersionEtag);

    public bool Equals(TableVersion? other) => other is not null && Version == other.Version && VersionEtag == other.VersionEtag;

    public override bool Equals(object? obj) => Equals(obj as TableVersion);

    public override int GetHashCode() => HashCode.Combine(Version, VersionEtag);

    public override string ToString() => $"<{Version.ToString(CultureInfo.InvariantCulture)}, {VersionEtag}>";
}
