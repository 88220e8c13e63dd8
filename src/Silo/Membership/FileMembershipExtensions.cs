using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;

namespace XLLM.Silo.Membership;

/// <summary>Development clusters on one machine, without a database.</summary>
public static class FileMembershipExtensions
{
    /// <summary>
    /// Keeps the membership in a file that all silos of the cluster can write: several processes of one machine. For production use
    /// UseAdoNetClustering. Throws <see cref="ArgumentException"/> when the path is empty.
    /// </summary>
    public static ISiloBuilder UseFileClustering(this ISiloBuilder builder, string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        builder.Services.Configure<FileMembershipOptions>(x => x.Path = Path.GetFullPath(path));
        builder.Services.AddSingleton<IMembershipTable, FileMembershipTable>();
        return builder;
    }
}
