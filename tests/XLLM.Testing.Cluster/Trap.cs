using XLLM.Contracts.Ids;

namespace XLLM.Testing.Cluster;

/// <summary>Holds the first instance that comes to a point, until the test has killed it. Once; any thread.</summary>
public sealed class Trap
{
    private readonly TaskCompletionSource<InstanceId> _caught = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _sprung;

    /// <summary>The instance that is held.</summary>
    public Task<InstanceId> Caught => _caught.Task;

    /// <summary>Arrives at the point: the first one waits, and then throws as a process that has died; all others go on.</summary>
    public async Task ArriveAsync(InstanceId instance)
    {
        if (Interlocked.Exchange(ref _sprung, 1) == 0)
        {
            _caught.SetResult(instance);
            await _release.Task;
            throw new OperationCanceledException($"{instance} was killed at this point.");
        }
    }

    /// <summary>Lets the one that is held go; it is dead by now.</summary>
    public void Release() => _release.TrySetResult();
}
