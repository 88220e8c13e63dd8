using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ports;

namespace XLLM.Silo.Lifecycle;

/// <summary>The silo's readiness, written by its engine host alone.</summary>
internal sealed class ModelReadinessTracker : IModelReadiness
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<ModelReadiness> _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, double> _progress = [];
    private ModelReadiness _current = new();

    public ModelReadiness Current => Volatile.Read(ref _current);

    public Task<ModelReadiness> WhenSettledAsync(CancellationToken cancellationToken = default) =>
        _settled.Task.WaitAsync(cancellationToken);

    /// <summary>Names the engines that will load, so that the progress is of all of them.</summary>
    public void Expect(IEnumerable<string> devices)
    {
        lock (_gate)
        {
            foreach (string device in devices)
            {
                _progress[device] = 0;
            }
        }
    }

    public void Loading(string device, double share)
    {
        lock (_gate)
        {
            _progress[device] = Math.Clamp(share, 0, 1);
            Set(_current with { Progress = _progress.Values.DefaultIfEmpty(1).Average() });
        }
    }

    public void Loaded(InstanceDescriptor instance)
    {
        lock (_gate)
        {
            Set(_current with { Instances = [.. _current.Instances, instance] });
        }
    }

    public void Ready() => Settle(x => x with { State = ReadinessState.Ready, Progress = 1 });

    public void Failed(string error) => Settle(x => x with { State = ReadinessState.Failed, Error = error });

    public void Draining()
    {
        lock (_gate)
        {
            Set(_current with { State = ReadinessState.Draining });
        }
    }

    private void Settle(Func<ModelReadiness, ModelReadiness> change)
    {
        ModelReadiness settled;
        lock (_gate)
        {
            if (_current.State != ReadinessState.Loading)
            {
                return;
            }

            settled = change(_current);
            Set(settled);
        }

        _settled.TrySetResult(settled);
    }

    private void Set(ModelReadiness value) => Volatile.Write(ref _current, value);
}
