using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

internal sealed class SiloDetails : ILocalSiloDetails
{
    public SiloDetails(IOptions<ClusterOptions> cluster, IOptions<SiloOptions> silo, IOptions<EndpointOptions> endpoints)
    {
        var options = endpoints.Value;
        Name = string.IsNullOrWhiteSpace(silo.Value.SiloName) ? $"Silo_{Guid.NewGuid().ToString("N")[..5]}" : silo.Value.SiloName;
        ClusterId = cluster.Value.ClusterId;
        DnsHostName = Dns.GetHostName();
        SiloAddress = SiloAddress.New(options.AdvertisedIPAddress, options.SiloPort, SiloAddress.AllocateNewGeneration());
        GatewayAddress = SiloAddress.New(options.AdvertisedIPAddress, options.GatewayPort, 0);
    }

    public string Name { get; }

    public string ClusterId { get; }

    public string DnsHostName { get; }

    public SiloAddress SiloAddress { get; }

    public SiloAddress GatewayAddress { get; }
}
