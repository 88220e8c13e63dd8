using Npgsql;
using Orleans.Hosting;
using Orleans.Runtime;
using XLLM.Testing.Postgres;

namespace XLLM.Runtime.Tests.Membership;

/// <summary>The table in PostgreSQL, on the scripts of deploy/postgres.</summary>
public sealed class PostgresTableTests(PostgresFixture postgres) : MembershipTableTests, IClassFixture<PostgresFixture>
{
    private string _connection = "";

    [PostgresFact]
    public Task Row_and_version_are_one_in_the_database() => A_row_changes_with_the_version_or_not_at_all();

    [PostgresFact]
    public Task Stale_updates_are_refused_by_the_database() => An_update_with_a_stale_version_or_without_a_row_is_refused();

    [PostgresFact]
    public Task The_database_keeps_all_columns() => All_columns_come_back();

    [PostgresFact]
    public Task A_sign_of_life_leaves_the_version_in_the_database() => A_sign_of_life_leaves_the_version();

    [PostgresFact]
    public Task The_database_forgets_defunct_rows() => Defunct_rows_are_removed_and_active_ones_stay();

    [PostgresFact]
    public Task The_database_serialises_writers() => Of_many_writers_at_once_each_version_has_one();

    [PostgresFact]
    public async Task Votes_are_stored_as_Orleans_formats_them()
    {
        var table = await CreateAsync("votes");
        await table.InitializeMembershipTable(true);
        var entry = new MembershipEntry
        {
            SiloAddress = SiloAddress.FromParsableString("127.0.0.1:1@2"),
            SiloName = "s",
            HostName = "h",
            StartTime = DateTime.UtcNow,
            IAmAliveTime = DateTime.UtcNow,
        };
        await table.InsertRow(entry, (await table.ReadAll()).Version.Next());
        var read = await table.ReadAll();
        entry.SuspectTimes =
        [
            Tuple.Create(SiloAddress.FromParsableString("127.0.0.1:3@4"), new DateTime(2026, 1, 2, 3, 4, 5, 67, DateTimeKind.Utc)),
            Tuple.Create(SiloAddress.FromParsableString("127.0.0.1:5@6"), new DateTime(2026, 1, 2, 3, 4, 6, DateTimeKind.Utc)),
        ];
        await table.UpdateRow(entry, read.Members[0].Item2, read.Version.Next());

        await using var source = NpgsqlDataSource.Create(_connection);
        await using var command = source.CreateCommand("SELECT SuspectTimes FROM OrleansMembershipTable");
        Assert.Equal(
            "127.0.0.1:3@4,2026-01-02 03:04:05.067 GMT|127.0.0.1:5@6,2026-01-02 03:04:06.000 GMT",
            await command.ExecuteScalarAsync());
    }

    protected override async Task<IMembershipTable> CreateAsync(string clusterId)
    {
        _connection = _connection.Length > 0 ? _connection : await postgres.Server.CreateDatabaseAsync();
        return TableOf(clusterId, silo => silo.UseAdoNetClustering(x =>
        {
            x.Invariant = "Npgsql";
            x.ConnectionString = _connection;
        }));
    }
}
