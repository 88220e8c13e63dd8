using Orleans.Runtime;

namespace Orleans;

/// <summary>Rows of the membership table, each with its ETag.</summary>
[GenerateSerializer]
public sealed class MembershipTableData(List<Tuple<MembershipEntry, string>> list, TableVersion version)
{
    public MembershipTableData(Tuple<MembershipEntry, string> tuple, TableVersion version)
        : this([tuple], version)
    {
    }

    public MembershipTableData(TableVersion version)
        : this([], version)
    {
    }

    [Id(0)]
    public IReadOnlyList<Tuple<MembershipEntry, string>> Members { get; private set; } = list;

    [Id(1)]
    public TableVersion Version { get; private set; } = version;

    public Tuple<MembershipEntry, string>? TryGet(SiloAddress silo) =>
        Members.FirstOrDefault(m => m.Item1.SiloAddress.Equals(silo));
}
