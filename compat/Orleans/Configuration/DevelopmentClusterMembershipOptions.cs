using System.Net;

namespace Orleans.Configuration;

/// <summary>Which silo holds the membership of a development cluster.</summary>
public class DevelopmentClusterMembershipOptions
{
    /// <summary>Null = this silo itself.</summary>
    public IPEndPoint? PrimarySiloEndpoint { get; set; }
}
