using XLLM.Silo.Configuration;

namespace XLLM.Cli.Commands;

/// <summary>What <c>--membership</c> names.</summary>
internal static class MembershipOption
{
    /// <summary>Throws <see cref="ArgumentException"/> for other words, and when a database is named that would not be used.</summary>
    public static ClusteringKind Parse(string text, string? postgres) => text switch
    {
        "postgres" => ClusteringKind.Postgres,
        "file" when postgres is null => ClusteringKind.File,
        "localhost" when postgres is null => ClusteringKind.Localhost,
        "file" or "localhost" => throw new ArgumentException($"--postgres is given, but --membership is {text}; give one of them."),
        _ => throw new ArgumentException($"--membership is '{text}'; it must be postgres, file or localhost."),
    };
}
