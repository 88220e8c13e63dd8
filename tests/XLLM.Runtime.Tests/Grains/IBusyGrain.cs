using Orleans.Concurrency;

namespace XLLM.Runtime.Tests.Grains;

[Alias("tests.IBusyGrain")]
public interface IBusyGrain : IGrainWithStringKey
{
    /// <summary>Says "{name} began" and ends when "{name} may end" is said.</summary>
    Task<string> HoldAsync(string name);

    [ReadOnly]
    Task HoldReadingAsync(string name);

    [AlwaysInterleave]
    Task<int> EnterAsync();

    /// <summary>How many have ended.</summary>
    Task<int> GetEndedAsync();

    [ResponseTimeout("00:00:01")]
    Task CallSelfAsync();

    Task<int> CallSelfReentrantlyAsync();

    [ResponseTimeout("00:00:01")]
    Task HoldBrieflyAsync(string name);

    Task HoldUntilCancelledAsync(string name, CancellationToken cancellationToken);

    [OneWay]
    Task FailOneWayAsync(string name);

    [AlwaysInterleave]
    Task<string> WhereAsync();

    /// <summary>The activation's end waits until "{key} may leave" is said.</summary>
    Task LingerAsync();
}
