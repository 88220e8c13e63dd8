namespace Orleans.Runtime;

/// <summary>What a silo writes of itself into the membership table.</summary>
internal sealed record MembershipIdentity(SiloAddress Address, string Name, string HostName, int GatewayPort);
