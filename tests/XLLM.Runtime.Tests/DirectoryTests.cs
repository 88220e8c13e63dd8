using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Orleans.Runtime;
using XLLM.Runtime.Tests.Grains;
using XLLM.Runtime.Tests.Support;

namespace XLLM.Runtime.Tests;

/// <summary>What the two directories do to survivors when a silo leaves. Plain hosts, as in production.</summary>
public sealed class DirectoryTests
{
    private const int Grains = 64;
    private readonly string _key = Facts.NewKey();

    [Fact]
    public async Task With_the_default_directory_survivors_lose_grains_whose_entry_left_with_a_silo()
    {
        var lost = await CountLostAsync(distributed: false);

        Assert.InRange(lost, 1, Grains - 1);
    }

    [Fact]
    public async Task With_the_distributed_directory_survivors_keep_their_grains() =>
        Assert.Equal(0, await CountLostAsync(distributed: true));

    private async Task<int> CountLostAsync(bool distributed)
    {
        var primary = new IPEndPoint(IPAddress.Loopback, FreePort());
        var (first, second) = (StartAsync(primary.Port, primary, distributed), StartAsync(FreePort(), primary, distributed));
        using var staying = await first;
        using var leaving = await second;
        var here = staying.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        var there = leaving.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;
        var membership = staying.Services.GetRequiredService<IClusterMembershipService>();
        await WaitAsync(membership, s => s.GetSiloStatus(there) == SiloStatus.Active);

        var factory = staying.Services.GetRequiredService<IGrainFactory>();
        var grains = Enumerable.Range(0, Grains).Select(i => factory.GetGrain<ICounterGrain>($"{_key}-{i}")).ToArray();
        var before = new List<string>();
        foreach (var grain in grains)
        {
            Assert.Equal(here.ToString(), (await ClusterFixture.PlacedOn(here, grain.WhereAsync)).Value);
            before.Add(await grain.GetActivationIdAsync());
        }

        await leaving.StopAsync();
        await WaitAsync(membership, s => s.GetSiloStatus(there) == SiloStatus.Dead);

        if (!distributed)
        {
            await await Task.WhenAny(grains.Select(g => Facts.WaitAsync($"{g.GetPrimaryKeyString()} deactivated")));
        }

        var after = new List<string>();
        foreach (var grain in grains)
        {
            after.Add(await grain.GetActivationIdAsync());
        }

        foreach (var (grain, i) in grains.Select((g, i) => (g, i)))
        {
            if (before[i] != after[i])
            {
                Assert.Equal(
                    DeactivationReasonCode.DirectoryFailure,
                    await Facts.WaitAsync<DeactivationReasonCode>($"{grain.GetPrimaryKeyString()} deactivated"));
            }
        }

        await staying.StopAsync();
        return before.Zip(after).Count(p => p.First != p.Second);
    }

    private static async Task<IHost> StartAsync(int port, IPEndPoint primary, bool distributed)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(port, FreePort(), primary, "directory", "directory");
            ClusterFixture.Configure(silo);
            if (distributed)
            {
#pragma warning disable ORLEANSEXP003 // The directory is experimental in name.
                silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
            }
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task WaitAsync(IClusterMembershipService membership, Func<ClusterMembershipSnapshot, bool> isSo)
    {
        using var source = new CancellationTokenSource(Facts.Patience);
        await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(source.Token))
        {
            if (isSo(snapshot))
            {
                return;
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
