using System.Threading.Channels;
using XLLM.Engine.Execution;

namespace XLLM.Engine.Tests.Loop;

/// <summary>
/// Stops the engine's thread before every step from <paramref name="from"/> on (counted from 1) until it is let through.
/// </summary>
internal sealed class StepGate(int from = 1)
{
    private readonly Channel<int[]> _arrived = Channel.CreateUnbounded<int[]>();
    private readonly SemaphoreSlim _pass = new(0);
    private volatile bool _open;
    private int _steps;

    public int Steps => Volatile.Read(ref _steps);

    public void BeforeStep(StepInput step)
    {
        int number = Interlocked.Increment(ref _steps);
        if (number >= from && !_open)
        {
            _arrived.Writer.TryWrite([.. step.Sequences.ToArray().Select(sequence => sequence.Rows)]);
            Assert.True(_pass.Wait(TimeSpan.FromSeconds(60)), "nobody opened the gate");
        }
    }

    /// <summary>Completes when the engine stands before a step, with the rows of each of its sequences.</summary>
    public async Task<int[]> ArrivedAsync() => await _arrived.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60));

    public void LetOneThrough() => _pass.Release();

    /// <summary>Lets everything through from now on.</summary>
    public void Open()
    {
        _open = true;
        _pass.Release();
    }
}
