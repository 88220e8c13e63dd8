using System.Collections.Immutable;
using System.Runtime.InteropServices;
using XLLM.Contracts.Requests;

namespace XLLM.Engine.Loop;

/// <summary>
/// The hidden states of a prompt on their way to one vector. They are taken in the order of their positions, whatever the chunks, so
/// the sum of a mean has one order of operations. Written where a step is run, read by the engine's thread when the step that completed it
/// is done.
/// </summary>
internal sealed class HiddenPool(PoolingKind kind, int tokens, int size)
{
    private readonly double[]? _sums = kind == PoolingKind.Mean ? new double[size] : null;
    private float[]? _state;

    // The next position to be taken; what is computed again after a pre-emption is the same and passed over.
    private int _next = kind == PoolingKind.Last ? tokens - 1 : 0;

    /// <summary>All that is pooled has been taken.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Takes the state of a position. False: it has values that are no finite numbers.</summary>
    public bool TryAdd(int position, ReadOnlySpan<float> state)
    {
        if (position != _next || IsComplete)
        {
            return true;
        }

        foreach (float value in state)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }

        _next++;
        IsComplete = kind != PoolingKind.Mean || _next == tokens;
        if (_sums is null)
        {
            _state = state.ToArray();
            return true;
        }

        for (int i = 0; i < _sums.Length; i++)
        {
            _sums[i] += state[i];
        }

        return true;
    }

    /// <summary>The vector, once it is complete.</summary>
    public ImmutableArray<float> Result() =>
        ImmutableCollectionsMarshal.AsImmutableArray(_sums is null ? _state! : Array.ConvertAll(_sums, sum => (float)(sum / tokens)));
}
