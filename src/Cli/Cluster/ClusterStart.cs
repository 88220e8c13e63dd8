using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using XLLM.Cli.Cluster.Postgres;
using XLLM.Cli.Cluster.Processes;
using XLLM.Cli.Cluster.State;
using XLLM.Silo.Composition;
using XLLM.Silo.Configuration;

namespace XLLM.Cli.Cluster;

/// <summary>Brings a cluster up: database, files, supervisor, and the wait until all answer.</summary>
internal sealed class ClusterStart(StateFolder folder, TextWriter progress)
{
    /// <summary>
    /// What runs when all is ready. A cluster that runs as asked is left as it is. Throws <see cref="ClusterException"/> when it
    /// cannot be; what was started is stopped again.
    /// </summary>
    public async Task<ClusterSpec> UpAsync(ClusterRequest request, TimeSpan most, CancellationToken cancellationToken)
    {
        ClusterSpec? before = folder.ReadSpec();
        if (before is { Down: false } && ProcessTable.IsAlive(folder.ReadState().Supervisor))
        {
            return await AlreadyUpAsync(before, request, most, cancellationToken);
        }

        if (before is not null && ProcessTable.IsAlive(folder.ReadState().Supervisor))
        {
            throw new ClusterException("The cluster is going down; wait for 'xllm cluster down' to end.");
        }

        folder.Create();
        await new ClusterStop(folder, progress).EndLeftoversAsync(cancellationToken);
        folder.ForgetState();
        CheckPorts(request);
        if (!File.Exists(folder.SecretFile))
        {
            StateFolder.WritePrivate(folder.SecretFile, RandomNumberGenerator.GetHexString(64));
        }

        ClusterSpec spec = await MakeSpecAsync(request, cancellationToken);
        folder.Write(spec);
        Launcher.Start(
            ["cluster", "supervise", "--state", folder.Root], folder.LogOf("supervisor"), detached: true).Dispose();
        try
        {
            await new ReadyWait(folder, progress).AllReadyAsync(spec, most, cancellationToken);
        }
        catch
        {
            await new ClusterStop(folder, progress).DownAsync(CancellationToken.None);
            throw;
        }

        return spec;
    }

    private async Task<ClusterSpec> AlreadyUpAsync(
        ClusterSpec before, ClusterRequest request, TimeSpan most, CancellationToken cancellationToken)
    {
        if (!before.Engines.Select(x => x.Role).SequenceEqual(request.Layout.Roles)
            || before.Model != request.Model || before.Gateways.Count() != request.Gateways)
        {
            throw new ClusterException(
                $"A cluster runs in '{folder.Root}': {before.Gateways.Count()} gateways, {before.Engines.Count()} engines, model "
                + $"{before.ModelName}. Change it with 'xllm cluster scale', or end it with 'xllm cluster down' first.");
        }

        await progress.WriteLineAsync("The cluster is up already.");
        await new ReadyWait(folder, progress).AllReadyAsync(before, most, cancellationToken);
        return before;
    }

    private async Task<ClusterSpec> MakeSpecAsync(ClusterRequest request, CancellationToken cancellationToken)
    {
        string connection = request.Postgres ?? "";
        bool own = request.Membership == ClusteringKind.Postgres && request.Postgres is null;
        if (own)
        {
            await progress.WriteLineAsync("starting PostgreSQL");
            connection = await new OwnPostgres(folder, PostgresPrograms.Find()).StartAsync(cancellationToken);
        }

        if (request.Membership == ClusteringKind.Postgres)
        {
            await MembershipSchema.ApplyAsync(connection, cancellationToken);
        }

        int engines = request.Layout.Roles.Count;
        int threads = request.Threads ?? Math.Max(1, Environment.ProcessorCount / engines);
        Dictionary<string, string> settings = new(request.Settings, StringComparer.OrdinalIgnoreCase);
        long pool = request.KvBytes ?? MemoryShare.KvBytes(engines);
        settings.TryAdd("Silo:Engines:0:KvCacheBytes", Text(pool));
        settings.TryAdd("Silo:Engines:0:Kv:HostBytes", Text(request.HostKvBytes ?? MemoryShare.SpillBytes(engines, pool)));
        settings.TryAdd(NodeConfiguration.DiskBytesKey, Text(request.DiskKvBytes ?? 0));
        AddRoofline(settings, threads);
        return new ClusterSpec
        {
            // Its own id each time, so that rows of silos that crashed with an earlier one are nobody's.
            ClusterId = "xllm-" + RandomNumberGenerator.GetHexString(8, lowercase: true),
            Membership = request.Membership,
            ConnectionString = connection,
            OwnPostgres = own,
            Model = request.Model,
            ModelName = request.ModelName,
            Host = request.Host,
            Threads = threads,
            Restart = request.Restart,
            Settings = settings,
            Nodes = NodeNaming.First(request),
        };
    }

    // Once, before anything runs: processes that start together would measure each other.
    private static void AddRoofline(Dictionary<string, string> settings, int threads)
    {
        RooflineOptions roofline = RooflineProbe.Measure(new RooflineOptions(), "auto", threads);
        settings.TryAdd("Silo:Roofline:ReadBytesPerSecond", Text((long)roofline.ReadBytesPerSecond));
        settings.TryAdd("Silo:Roofline:Int8PerSecond", Text((long)roofline.Int8PerSecond));
        settings.TryAdd("Silo:Roofline:Fp32PerSecond", Text((long)roofline.Fp32PerSecond));
    }

    private static void CheckPorts(ClusterRequest request)
    {
        IPAddress address = IPAddress.TryParse(request.Host, out IPAddress? given) ? given : throw new ClusterException(
            $"--host is '{request.Host}'; it must be an address of this machine, 127.0.0.1 or 0.0.0.0.");
        if (request.Port is < 0 or > 65535 || request.Port + request.Gateways - 1 > 65535)
        {
            throw new ClusterException($"--port is {request.Port}; it must be in 0..65535, with room for {request.Gateways} gateways.");
        }

        for (int i = 0; request.Port > 0 && i < request.Gateways; i++)
        {
            if (FreePorts.IsTaken(address, request.Port + i))
            {
                throw new ClusterException($"Port {request.Port + i} of {request.Host} is taken; give another --port, or 0 for a free one.");
            }
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
