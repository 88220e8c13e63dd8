using Orleans;

namespace XLLM.Contracts.Ids;

/// <summary>Version of a <c>FleetSnapshot</c>; grows by one with each change.</summary>
[GenerateSerializer, Immutable, Alias("xllm.FleetVersion")]
public readonly record struct FleetVersion([property: Id(0)] long Value) : IComparable<FleetVersion>
{
    public int CompareTo(FleetVersion other) => Value.CompareTo(other.Value);

    public override string ToString() => "v" + Value;
}
