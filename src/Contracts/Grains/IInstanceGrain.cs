using Orleans;
using Orleans.Concurrency;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;

namespace XLLM.Contracts.Grains;

/// <summary>The only door to one engine. Key: <see cref="InstanceId"/>; lives on the silo that has the device.</summary>
[Alias("xllm.IInstanceGrain")]
public interface IInstanceGrain : IGrainWithStringKey
{
    [AlwaysInterleave]
    [Alias("Describe")]
    Task<InstanceStatus> DescribeAsync();

    /// <summary>
    /// Ends run <paramref name="run"/> of a request, or an older one; its blocks are free within one engine step. False = not known
    /// here. A newer run goes on: messages may be late, and overtake each other.
    /// </summary>
    [AlwaysInterleave]
    [Alias("End")]
    Task<bool> EndAsync(RequestId request, RequestOutcome outcome, int run);

    /// <summary>Stops (true) or resumes (false) decoding a request whose reader is slow. Its blocks stay.</summary>
    [AlwaysInterleave]
    [Alias("SetPaused")]
    Task SetPausedAsync(RequestId request, bool paused);

    /// <summary>Takes nothing new; completes when the last request has ended.</summary>
    [Alias("Drain")]
    Task DrainAsync();

    /// <summary>Audits block pool, prefix index and lease table. Empty = sound; else one line a fault.</summary>
    [AlwaysInterleave]
    [Alias("CheckIntegrity")]
    Task<IReadOnlyList<string>> CheckIntegrityAsync();
}
