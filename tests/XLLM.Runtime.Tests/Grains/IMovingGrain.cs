using Orleans.Concurrency;

namespace XLLM.Runtime.Tests.Grains;

[Alias("tests.IMovingGrain")]
public interface IMovingGrain : IGrainWithStringKey
{
    Task SetAsync(string value);

    Task<MovingState> GetAsync();

    /// <summary>Writes the stored state.</summary>
    Task WriteAsync(string value);

    [AlwaysInterleave]
    Task<MovingState> PeekAsync();

    Task MoveAsync();

    Task EndAsync();

    Task FailDehydrationAsync();

    /// <summary>Ticks a timer; each tick says "{key} tick {n}".</summary>
    Task StartTimerAsync(TimeSpan period);
}
