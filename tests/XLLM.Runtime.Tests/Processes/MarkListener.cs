using XLLM.Testing.SiloHost;

namespace XLLM.Runtime.Tests.Processes;

/// <summary>Waits for so many notifications.</summary>
internal sealed class MarkListener(int expected) : IMarkListener
{
    private readonly List<int> _numbers = [];
    private readonly TaskCompletionSource<int[]> _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<int[]> All => _all.Task;

    public Task OnAsync(int number)
    {
        lock (_numbers)
        {
            _numbers.Add(number);
            if (_numbers.Count == expected)
            {
                _all.TrySetResult([.. _numbers]);
            }
        }

        return Task.CompletedTask;
    }
}
