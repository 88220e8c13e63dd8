using Orleans.Core.Internal;

namespace Orleans.Runtime;

/// <summary>Values that flow with calls, from caller to callee and not back. Bound to the asynchronous flow.</summary>
public static class RequestContext
{
    private const string ReentrancyKey = "#xllm.reentrancy";
    private static readonly AsyncLocal<Dictionary<string, object>?> Flow = new();

    public static IEnumerable<string> Keys => Flow.Value?.Keys ?? Enumerable.Empty<string>();

    public static IEnumerable<KeyValuePair<string, object>> Entries =>
        Flow.Value ?? Enumerable.Empty<KeyValuePair<string, object>>();

    /// <summary>The call chain that may re-enter grains with an open section; empty when none.</summary>
    public static Guid ReentrancyId
    {
        get => IdIn(Flow.Value);
        set
        {
            if (value == Guid.Empty)
            {
                Remove(ReentrancyKey);
            }
            else
            {
                Set(ReentrancyKey, value);
            }
        }
    }

    // Never changed in place: other flows may share it.
    internal static Dictionary<string, object>? Values
    {
        get => Flow.Value;
        set => Flow.Value = value is { Count: > 0 } ? value : null;
    }

    public static object? Get(string key) => Flow.Value is { } values && values.TryGetValue(key, out var value) ? value : null;

    public static void Set(string key, object value)
    {
        ArgumentNullException.ThrowIfNull(key);
        Flow.Value = Flow.Value is { } old
            ? new Dictionary<string, object>(old) { [key] = value }
            : new Dictionary<string, object>(1) { [key] = value };
    }

    public static bool Remove(string key)
    {
        if (Flow.Value is not { } old || !old.ContainsKey(key))
        {
            return false;
        }

        var values = new Dictionary<string, object>(old);
        values.Remove(key);
        Values = values;
        return true;
    }

    public static void Clear() => Flow.Value = null;

    /// <summary>Until the section is disposed, calls that this call chain causes may re-enter the current grain.</summary>
    public static ReentrancySection AllowCallChainReentrancy()
    {
        var id = ReentrancyId;
        return new ReentrancySection(id, id == Guid.Empty ? Guid.NewGuid() : id);
    }

    /// <summary>Until the section is disposed, calls are no longer part of the call chain.</summary>
    public static ReentrancySection SuppressCallChainReentrancy() => new(ReentrancyId, Guid.Empty);

    internal static Guid IdIn(Dictionary<string, object>? values) =>
        values is not null && values.TryGetValue(ReentrancyKey, out var id) ? (Guid)id : Guid.Empty;

    /// <summary>A stretch of code with or without call-chain reentrancy.</summary>
    public readonly struct ReentrancySection : IDisposable
    {
        private readonly Guid _original;
        private readonly Guid _current;

        public ReentrancySection(Guid originalReentrancyId, Guid newReentrancyId)
        {
            _original = originalReentrancyId;
            _current = newReentrancyId;
            if (_current != _original)
            {
                ReentrancyId = _current;
            }

            if (_current != Guid.Empty)
            {
                (RuntimeContext.Current as ICallChainReentrantGrainContext)?.OnEnterReentrantSection(_current);
            }
        }

        public void Dispose()
        {
            if (_current != Guid.Empty)
            {
                (RuntimeContext.Current as ICallChainReentrantGrainContext)?.OnExitReentrantSection(_current);
            }

            if (_current != _original)
            {
                ReentrancyId = _original;
            }
        }
    }
}
