using XLLM.Silo.Membership;

namespace XLLM.Runtime.Tests.Membership;

/// <summary>The table in a file, for development clusters.</summary>
public sealed class FileTableTests : MembershipTableTests, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("xllm-members-").FullName;

    [Fact]
    public Task Row_and_version_are_one_in_the_file() => A_row_changes_with_the_version_or_not_at_all();

    [Fact]
    public Task Stale_updates_are_refused_by_the_file() => An_update_with_a_stale_version_or_without_a_row_is_refused();

    [Fact]
    public Task The_file_keeps_all_columns() => All_columns_come_back();

    [Fact]
    public Task A_sign_of_life_leaves_the_version_in_the_file() => A_sign_of_life_leaves_the_version();

    [Fact]
    public Task The_file_forgets_defunct_rows() => Defunct_rows_are_removed_and_active_ones_stay();

    [Fact]
    public Task The_file_serialises_writers() => Of_many_writers_at_once_each_version_has_one();

    [Fact]
    public async Task A_file_of_another_cluster_or_of_something_else_is_refused()
    {
        var path = Path.Combine(_folder, "members.json");
        var table = TableOf("one", silo => silo.UseFileClustering(path));
        await table.InitializeMembershipTable(true);

        var other = TableOf("two", silo => silo.UseFileClustering(path));
        Assert.Contains("'one'", (await Assert.ThrowsAsync<InvalidDataException>(other.ReadAll)).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, "{ not json");
        await Assert.ThrowsAsync<InvalidDataException>(table.ReadAll);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    protected override Task<IMembershipTable> CreateAsync(string clusterId) =>
        Task.FromResult(TableOf(clusterId, silo => silo.UseFileClustering(Path.Combine(_folder, $"{clusterId}.json"))));
}
