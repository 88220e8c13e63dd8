using System.Data;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;

namespace Orleans.Runtime.MembershipService;

/// <summary>The membership table in a database, in Orleans' own layout. Rows have no ETag; the version guards them all.</summary>
public class AdoNetClusteringTable : IMembershipTable, IDisposable
{
    private static readonly string[] Keys =
    [
        "GatewaysQueryKey", "MembershipReadRowKey", "MembershipReadAllKey", "InsertMembershipVersionKey", "UpdateIAmAlivetimeKey",
        "InsertMembershipKey", "UpdateMembershipKey", "DeleteMembershipTableEntriesKey", "CleanupDefunctSiloEntriesKey",
    ];

    private readonly string _clusterId;
    private readonly string _connectionString;
    private AdoNetDatabase? _database;

    public AdoNetClusteringTable(IOptions<ClusterOptions> clusterOptions, IOptions<AdoNetClusteringSiloOptions> clusteringOptions)
    {
        ArgumentNullException.ThrowIfNull(clusterOptions);
        ArgumentNullException.ThrowIfNull(clusteringOptions);
        _clusterId = clusterOptions.Value.ClusterId;
        _connectionString = clusteringOptions.Value.ConnectionString ?? "";
    }

    private AdoNetDatabase Database =>
        _database ?? throw new InvalidOperationException("The membership table is used before it is initialised.");

    public async Task InitializeMembershipTable(bool tryInitTableVersion)
    {
        _database ??= await AdoNetDatabase.OpenAsync(_connectionString, Keys).ConfigureAwait(false);
        if (tryInitTableVersion)
        {
            await Database.TryWriteAsync("InsertMembershipVersionKey", Cluster(_clusterId)).ConfigureAwait(false);
        }
    }

    public Task DeleteMembershipTableEntries(string clusterId) =>
        Database.ExecuteAsync("DeleteMembershipTableEntriesKey", Cluster(clusterId));

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) => Database.ExecuteAsync(
        "CleanupDefunctSiloEntriesKey", Cluster(_clusterId), AdoNetDatabase.Time("IAmAliveTime", beforeDate.UtcDateTime));

    public async Task<MembershipTableData> ReadRow(SiloAddress key) => Collect(
        await Database.ReadAsync("MembershipReadRowKey", Read, [Cluster(_clusterId), .. Address(key)]).ConfigureAwait(false));

    public async Task<MembershipTableData> ReadAll() =>
        Collect(await Database.ReadAsync("MembershipReadAllKey", Read, Cluster(_clusterId)).ConfigureAwait(false));

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(tableVersion);
        return Database.TryWriteAsync(
            "InsertMembershipKey",
            [
                Cluster(_clusterId), .. Address(entry.SiloAddress),
                AdoNetDatabase.Text("SiloName", entry.SiloName),
                AdoNetDatabase.Text("HostName", entry.HostName),
                AdoNetDatabase.Integer("Status", (int)entry.Status),
                AdoNetDatabase.Integer("ProxyPort", entry.ProxyPort),
                AdoNetDatabase.Time("StartTime", entry.StartTime),
                AdoNetDatabase.Time("IAmAliveTime", entry.IAmAliveTime),
                Version(tableVersion),
            ]);
    }

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(tableVersion);
        return Database.TryWriteAsync(
            "UpdateMembershipKey",
            [
                Cluster(_clusterId), .. Address(entry.SiloAddress),
                AdoNetDatabase.Integer("Status", (int)entry.Status),
                AdoNetDatabase.Text("SuspectTimes", SuspectTimesText.Format(entry.SuspectTimes)),
                AdoNetDatabase.Time("IAmAliveTime", entry.IAmAliveTime),
                Version(tableVersion),
            ]);
    }

    public Task UpdateIAmAlive(MembershipEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return Database.ExecuteAsync(
            "UpdateIAmAlivetimeKey",
            [Cluster(_clusterId), .. Address(entry.SiloAddress), AdoNetDatabase.Time("IAmAliveTime", entry.IAmAliveTime)]);
    }

    public void Dispose()
    {
        _database?.Dispose();
        GC.SuppressFinalize(this);
    }

    private static NpgsqlParameter Cluster(string id) => AdoNetDatabase.Text("DeploymentId", id);

    private static NpgsqlParameter[] Address(SiloAddress silo) =>
    [
        AdoNetDatabase.Text("Address", silo.Endpoint.Address.ToString()),
        AdoNetDatabase.Integer("Port", silo.Endpoint.Port),
        AdoNetDatabase.Integer("Generation", silo.Generation),
    ];

    private static NpgsqlParameter Version(TableVersion version) =>
        AdoNetDatabase.Integer("Version", int.Parse(version.VersionEtag, CultureInfo.InvariantCulture));

    private static (MembershipEntry? Entry, int Version) Read(IDataRecord row)
    {
        var version = row.GetInt32(row.GetOrdinal("Version"));
        if (row.IsDBNull(row.GetOrdinal("StartTime")))
        {
            return (null, version);
        }

        return (
            new MembershipEntry
            {
                SiloAddress = SiloAddress.New(
                    IPAddress.Parse(row.GetString(row.GetOrdinal("Address"))),
                    row.GetInt32(row.GetOrdinal("Port")),
                    row.GetInt32(row.GetOrdinal("Generation"))),
                SiloName = row.GetString(row.GetOrdinal("SiloName")),
                HostName = row.GetString(row.GetOrdinal("HostName")),
                Status = (SiloStatus)row.GetInt32(row.GetOrdinal("Status")),
                ProxyPort = row.GetInt32(row.GetOrdinal("ProxyPort")),
                SuspectTimes = SuspectTimesText.Parse(
                    row.IsDBNull(row.GetOrdinal("SuspectTimes")) ? null : row.GetString(row.GetOrdinal("SuspectTimes"))),
                StartTime = row.GetDateTime(row.GetOrdinal("StartTime")),
                IAmAliveTime = row.GetDateTime(row.GetOrdinal("IAmAliveTime")),
            },
            version);
    }

    private MembershipTableData Collect(List<(MembershipEntry? Entry, int Version)> rows)
    {
        if (rows.Count == 0)
        {
            throw new OrleansException($"The membership table has no version row of cluster '{_clusterId}'.");
        }

        var version = rows[0].Version;
        return new MembershipTableData(
            [.. rows.Where(r => r.Entry is not null).Select(r => Tuple.Create(r.Entry!, ""))],
            new TableVersion(version, version.ToString(CultureInfo.InvariantCulture)));
    }
}
