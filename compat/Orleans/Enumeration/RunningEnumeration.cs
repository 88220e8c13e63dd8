namespace Orleans.Runtime;

/// <summary>One enumerator at the grain. One call of it at a time.</summary>
internal sealed class RunningEnumeration : IAsyncDisposable
{
    private readonly IAsyncEnumerator<object?> _items;
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _deactivating;
    private readonly int _maxBatch;
    private Task<bool>? _move;
    private bool _isReading;

    private RunningEnumeration(
        IAsyncEnumerator<object?> items, CancellationTokenSource source, CancellationToken deactivating, int maxBatch)
    {
        _items = items;
        _source = source;
        _deactivating = deactivating;
        _maxBatch = maxBatch;
    }

    public bool IsIdle { get; private set; }

    public static RunningEnumeration Start(Activation activation, MethodDescriptor method, object?[] arguments, int maxBatch)
    {
        var source = new CancellationTokenSource();
        if (method.TokenIndex >= 0)
        {
            arguments[method.TokenIndex] = source.Token;
        }

        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is { } value && !method.ParameterTypes[i].IsInstanceOfType(value))
            {
                throw new OrleansException($"Argument {i} of {method} is a {value.GetType()}, not a {method.ParameterTypes[i]}.");
            }
        }

        var sequence = method.Invoker.InvokeAsync(activation.TargetOf(method), arguments).Result;
        var items = (IAsyncEnumerable<object?>)Activator.CreateInstance(
            typeof(BoxedEnumerable<>).MakeGenericType(method.ResultType), sequence)!;
        return new RunningEnumeration(items.GetAsyncEnumerator(source.Token), source, activation.Deactivating, maxBatch);
    }

    public void MarkIdle() => IsIdle = !_isReading;

    public async Task<EnumerationBatch> NextAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        IsIdle = false;
        if (_isReading)
        {
            throw new InvalidOperationException("The enumeration is being read by another call.");
        }

        _isReading = true;
        await using var registration = cancellationToken.Register(static s => ((CancellationTokenSource)s!).Cancel(), _source);
        var items = new List<object?>();
        try
        {
            while (items.Count < _maxBatch)
            {
                _move ??= _items.MoveNextAsync().AsTask();
                if (!_move.IsCompleted && (items.Count > 0 || !await IsReadyAsync(_move, patience)))
                {
                    break;
                }

                var move = _move;
                _move = null;
                if (!await move)
                {
                    return new EnumerationBatch { Items = [.. items], IsCompleted = true };
                }

                items.Add(_items.Current);
            }

            return new EnumerationBatch { Items = [.. items] };
        }
        catch (Exception e)
        {
            return new EnumerationBatch { Items = [.. items], Error = e };
        }
        finally
        {
            _isReading = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _source.CancelAsync();
        if (_move is not null)
        {
            await _move.ContinueWith(_ => { }, TaskScheduler.Current);
        }

        try
        {
            await _items.DisposeAsync();
        }
        catch (Exception)
        {
            // The method's own clean-up; nobody is left to hear of it.
        }

        _source.Dispose();
    }

    private async Task<bool> IsReadyAsync(Task<bool> move, TimeSpan patience)
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(_deactivating);
        var first = await Task.WhenAny(move, Task.Delay(patience, source.Token));
        await source.CancelAsync();
        return first == move;
    }

    private sealed class BoxedEnumerable<T>(object items) : IAsyncEnumerable<object?>
    {
        public async IAsyncEnumerator<object?> GetAsyncEnumerator(CancellationToken cancellationToken)
        {
            await foreach (var item in ((IAsyncEnumerable<T>)items).WithCancellation(cancellationToken))
            {
                yield return item;
            }
        }
    }
}
