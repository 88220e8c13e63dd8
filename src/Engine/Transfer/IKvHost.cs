using XLLM.Contracts.Ids;

namespace XLLM.Engine.Transfer;

/// <summary>What others may ask of an engine through a transport. Any thread.</summary>
public interface IKvHost
{
    /// <summary>Begins the push for a lease; null = the lease is not known here, over, or had its push.</summary>
    KvExpected? BeginPush(long lease, RequestId request);

    /// <summary>Holds the leading blocks of the chain that this engine has in its pool or can bring there from a lower tier.</summary>
    ValueTask<KvHold> HoldAsync(KvChain chain, CancellationToken cancellationToken = default);
}
