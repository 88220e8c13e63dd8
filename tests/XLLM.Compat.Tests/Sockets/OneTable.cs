using System.Globalization;
using Orleans.Runtime;

namespace XLLM.Compat.Tests.Sockets;

/// <summary>A membership table of this process for silos that talk over sockets all the same.</summary>
internal sealed class OneTable : IMembershipTable
{
    private readonly List<MembershipEntry> _rows = [];
    private int _version;

    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

    public Task DeleteMembershipTableEntries(string clusterId) => Task.CompletedTask;

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => Task.CompletedTask;

    public Task<MembershipTableData> ReadRow(SiloAddress key) => Task.FromResult(Read(r => r.SiloAddress.Equals(key)));

    public Task<MembershipTableData> ReadAll() => Task.FromResult(Read(_ => true));

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => Task.FromResult(Write(entry, tableVersion));

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        Task.FromResult(Write(entry, tableVersion));

    public Task UpdateIAmAlive(MembershipEntry entry) => Task.CompletedTask;

    private bool Write(MembershipEntry entry, TableVersion version)
    {
        lock (_rows)
        {
            if (version.Version != _version + 1)
            {
                return false;
            }

            _rows.RemoveAll(r => r.SiloAddress.Equals(entry.SiloAddress));
            _rows.Add(entry);
            _version++;
            return true;
        }
    }

    private MembershipTableData Read(Func<MembershipEntry, bool> predicate)
    {
        lock (_rows)
        {
            return new MembershipTableData(
                [.. _rows.Where(predicate).Select(r => Tuple.Create(Copy(r), ""))],
                new TableVersion(_version, _version.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private static MembershipEntry Copy(MembershipEntry row) => new()
    {
        SiloAddress = row.SiloAddress,
        SiloName = row.SiloName,
        HostName = row.HostName,
        Status = row.Status,
        ProxyPort = row.ProxyPort,
        SuspectTimes = row.SuspectTimes is null ? null : [.. row.SuspectTimes],
        StartTime = row.StartTime,
        IAmAliveTime = row.IAmAliveTime,
    };
}
