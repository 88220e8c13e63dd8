using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>The grain's side of its enumerations. Runs in the activation's turns.</summary>
internal sealed class EnumerationExtension : IEnumerationExtension, IAsyncDisposable
{
    private readonly Dictionary<Guid, RunningEnumeration> _running = [];
    private readonly Activation _activation;
    private readonly TimeSpan _patience;
    private readonly ITimer _expiry;

    public EnumerationExtension(Activation activation, TimeSpan responseTimeout, TimeProvider time)
    {
        _activation = activation;
        _patience = responseTimeout;
        _expiry = time.CreateTimer(_ => activation.QueueTurn(EndIdleAsync), null, responseTimeout, responseTimeout);
    }

    public ValueTask<EnumerationBatch> StartAsync(
        Guid id, EnumerationCall call, int maxBatch, CancellationToken cancellationToken)
    {
        var method = InterfaceTable.Find(call.Interface)?.Find(call.Method)
            ?? throw new OrleansException($"Method '{call.Method}' of interface '{call.Interface}' is not known here.");
        if (method.Kind != ReturnKind.AsyncEnumerable || call.Arguments.Length != method.ParameterTypes.Length)
        {
            throw new OrleansException($"{method} is not an enumeration with {call.Arguments.Length} arguments.");
        }

        var running = RunningEnumeration.Start(_activation, method, call.Arguments, Math.Clamp(maxBatch, 1, 10_000));
        _running[id] = running;
        return NextAsync(id, running, cancellationToken);
    }

    public ValueTask<EnumerationBatch> NextAsync(Guid id, CancellationToken cancellationToken) =>
        _running.TryGetValue(id, out var running)
            ? NextAsync(id, running, cancellationToken)
            : new(new EnumerationBatch { IsMissing = true });

    public async ValueTask EndAsync(Guid id)
    {
        if (_running.Remove(id, out var running))
        {
            await running.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _expiry.DisposeAsync();
        foreach (var id in _running.Keys.ToArray())
        {
            await EndAsync(id);
        }
    }

    private async ValueTask<EnumerationBatch> NextAsync(Guid id, RunningEnumeration running, CancellationToken cancellationToken)
    {
        var batch = await running.NextAsync(_patience / 2, cancellationToken);
        if (batch.IsCompleted || batch.Error is not null)
        {
            await EndAsync(id);
        }

        return batch;
    }

    private async Task EndIdleAsync()
    {
        foreach (var (id, _) in _running.Where(r => r.Value.IsIdle).ToArray())
        {
            _activation.Logger.LogDebug("Enumeration {Id} of {Grain} was idle and is ended", id, _activation.GrainId);
            await EndAsync(id);
        }

        foreach (var running in _running.Values)
        {
            running.MarkIdle();
        }
    }
}
