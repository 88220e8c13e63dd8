using System.Globalization;
using Orleans.Runtime;

namespace Orleans;

/// <summary>The membership table of a cluster in one process.</summary>
internal sealed class InMemoryMembershipTable : IMembershipTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SiloAddress, (MembershipEntry Entry, string ETag)> _rows = [];
    private TableVersion _version = new(0, "0");
    private long _lastETag;

    /// <summary>A row or the version has changed; raised outside locks.</summary>
    public event Action? Changed;

    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

    public Task DeleteMembershipTableEntries(string clusterId)
    {
        lock (_gate)
        {
            _rows.Clear();
            _version = new TableVersion(0, NextETag());
        }

        Changed?.Invoke();
        return Task.CompletedTask;
    }

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate)
    {
        lock (_gate)
        {
            foreach (var (silo, row) in _rows.Where(r =>
                r.Value.Entry.Status != SiloStatus.Active && r.Value.Entry.IAmAliveTime < beforeDate.UtcDateTime).ToArray())
            {
                _rows.Remove(silo);
            }
        }

        return Task.CompletedTask;
    }

    public Task<MembershipTableData> ReadRow(SiloAddress key) => Task.FromResult(Read(r => r.Key.Equals(key)));

    public Task<MembershipTableData> ReadAll() => Task.FromResult(Read(_ => true));

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion)
    {
        lock (_gate)
        {
            if (!IsNext(tableVersion) || _rows.ContainsKey(entry.SiloAddress))
            {
                return Task.FromResult(false);
            }

            Write(entry, tableVersion);
        }

        Changed?.Invoke();
        return Task.FromResult(true);
    }

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion)
    {
        lock (_gate)
        {
            if (!IsNext(tableVersion) || !_rows.TryGetValue(entry.SiloAddress, out var row) || row.ETag != etag)
            {
                return Task.FromResult(false);
            }

            Write(entry, tableVersion);
        }

        Changed?.Invoke();
        return Task.FromResult(true);
    }

    public Task UpdateIAmAlive(MembershipEntry entry)
    {
        lock (_gate)
        {
            if (_rows.TryGetValue(entry.SiloAddress, out var row))
            {
                row.Entry.IAmAliveTime = entry.IAmAliveTime;
            }
        }

        return Task.CompletedTask;
    }

    private bool IsNext(TableVersion version) =>
        version.Version == _version.Version + 1 && version.VersionEtag == _version.VersionEtag;

    private void Write(MembershipEntry entry, TableVersion version)
    {
        _rows[entry.SiloAddress] = (entry.Copy(), NextETag());
        _version = new TableVersion(version.Version, NextETag());
    }

    private MembershipTableData Read(Func<KeyValuePair<SiloAddress, (MembershipEntry Entry, string ETag)>, bool> predicate)
    {
        lock (_gate)
        {
            return new MembershipTableData(
                [.. _rows.Where(predicate).Select(r => Tuple.Create(r.Value.Entry.Copy(), r.Value.ETag))], _version);
        }
    }

    private string NextETag() => (++_lastETag).ToString(CultureInfo.InvariantCulture);
}
