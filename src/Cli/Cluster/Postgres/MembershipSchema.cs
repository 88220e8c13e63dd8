using System.Net.Sockets;
using System.Reflection;
using Npgsql;

namespace XLLM.Cli.Cluster.Postgres;

/// <summary>The tables and queries of deploy/postgres, which this program carries. Running them again changes nothing.</summary>
internal static class MembershipSchema
{
    private const string Prefix = "postgres/";

    /// <summary>Names and texts of the scripts, in the order in which they run.</summary>
    public static IReadOnlyList<(string Name, string Text)> Scripts { get; } = [.. Read()];

    /// <summary>Throws <see cref="ClusterException"/> when the database cannot be reached or refuses.</summary>
    public static async Task ApplyAsync(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            await using NpgsqlDataSource source = NpgsqlDataSource.Create(connectionString);
            await using NpgsqlConnection connection = await source.OpenConnectionAsync(cancellationToken);
            foreach ((_, string text) in Scripts)
            {
                await using NpgsqlCommand command = new(text, connection);
                await command.ExecuteNonQueryAsync(cancellationToken);
            }
        }
        catch (Exception e) when (e is NpgsqlException or SocketException or ArgumentException or TimeoutException)
        {
            throw new ClusterException($"The membership database cannot be used: {e.Message}");
        }
    }

    private static IEnumerable<(string Name, string Text)> Read()
    {
        Assembly assembly = typeof(MembershipSchema).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(x => x.StartsWith(Prefix, StringComparison.Ordinal)).Order())
        {
            using StreamReader reader = new(assembly.GetManifestResourceStream(name)!);
            yield return (name[Prefix.Length..], reader.ReadToEnd());
        }
    }
}
