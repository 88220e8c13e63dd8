using XLLM.Contracts.Requests;

namespace XLLM.Engine.Sampling;

/// <summary>
/// Draws tokens from rows of logits in vLLM's order: penalties, bias, mask of end tokens, temperature, min-p, top-k, top-p.
/// The vocabulary is never sorted, and nothing is allocated per token unless log probabilities are wanted. Owned by one
/// thread; its scratch memory is five rows.
/// </summary>
public sealed class Sampler
{
    /// <summary>Below this a temperature is taken as 0, as in vLLM.</summary>
    public const float LeastTemperature = 1e-5f;

    // Above this many, selecting from a list of all is cheaper than a heap.
    private const int HeapLimit = 512;

    private readonly float[] _changed;
    private readonly float[] _weights;
    private readonly float[] _values;
    private readonly int[] _places;
    private readonly double[] _sums;

    public Sampler(int vocabularySize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 1);
        _changed = new float[vocabularySize];
        _weights = new float[vocabularySize];
        _values = new float[vocabularySize];
        _places = new int[vocabularySize];
        _sums = new double[(vocabularySize / LogitScan.ChunkLength) + 1];
    }

    /// <summary>
    /// The request's next token from its row of logits [vocabulary], which is not changed. False when a logit is NaN or
    /// infinite: the model's numbers are broken and no token is meaningful.
    /// </summary>
    public bool TrySample(ReadOnlySpan<float> logits, SamplerState state, out int token)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, _changed.Length);
        return TrySample(logits, state, [], ahead: 0, out token);
    }

    /// <summary>
    /// As the other, of the tokens alone whose bits are set in a mask (bit t % 32 of word t / 32); tokens beyond its end may not come. It comes last
    /// of what changes the logits, before the temperature. An empty mask allows all.
    /// </summary>
    public bool TrySample(ReadOnlySpan<float> logits, SamplerState state, ReadOnlySpan<uint> mask, out int token)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, _changed.Length);
        return TrySample(logits, state, mask, ahead: 0, out token);
    }

    /// <summary>
    /// A guess, by another model's row, of the token that <paramref name="ahead"/> tokens after the next one will be. It is drawn
    /// as that one will be, with the same random number; penalties and masks are those of now. <paramref name="probability"/> is
    /// what the row gives it. False as for <see cref="TrySample"/>.
    /// </summary>
    public bool TryGuess(ReadOnlySpan<float> logits, SamplerState state, int ahead, out int token, out float probability)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, _changed.Length);
        probability = 0;
        if (!TrySample(logits, state, [], ahead, out token))
        {
            return false;
        }

        float max = LogitScan.Max(logits);
        probability = (float)(Math.Exp(logits[token] - max) / LogitScan.SumExp(logits, max));
        return true;
    }

    /// <summary>
    /// A token with its log probability and the best <paramref name="top"/> tokens under the model's own distribution:
    /// log softmax of the raw logits, which must be finite.
    /// </summary>
    public GeneratedToken Describe(ReadOnlySpan<float> logits, int token, int top)
    {
        float max = LogitScan.Max(logits);
        double log = Math.Log(LogitScan.SumExp(logits, max));
        GeneratedToken described = new(token) { Logprob = (float)(logits[token] - max - log) };
        if (top <= 0)
        {
            return described;
        }

        int count = Selection.Best(logits, _values.AsSpan(0, Math.Min(top, _values.Length)), _places);
        Selection.Sort(_values.AsSpan(0, count), _places);
        TokenLogprob[] best = new TokenLogprob[count];
        for (int i = 0; i < count; i++)
        {
            best[i] = new TokenLogprob(_places[i], (float)(_values[i] - max - log));
        }

        return described with { Top = System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(best) };
    }

    private bool TrySample(ReadOnlySpan<float> logits, SamplerState state, ReadOnlySpan<uint> mask, int ahead, out int token)
    {
        token = -1;
        if (!LogitScan.TryMax(logits, out float max))
        {
            return false;
        }

        ReadOnlySpan<float> row = logits;
        if (state.ChangesLogits || !mask.IsEmpty)
        {
            logits.CopyTo(_changed);
            state.Apply(_changed);
            TokenMask.Apply(_changed, mask);
            row = _changed;
            max = LogitScan.Max(row);
        }

        SamplingOptions options = state.Options;
        token = options.Temperature < LeastTemperature || float.IsNegativeInfinity(max)
            ? LogitScan.IndexOf(row, max)
            : Draw(row, max, options, Philox.Uniform(options.Seed, state.Generated + ahead));
        return true;
    }

    private int Draw(ReadOnlySpan<float> row, float max, SamplingOptions options, double uniform)
    {
        double total = LogitScan.Weights(row, max, options.Temperature, _weights, _sums);
        bool limitsCount = options.TopK > 0 && options.TopK < row.Length;
        bool limitsMass = options.TopP < 1;
        if (!limitsCount && !limitsMass && options.MinP <= 0)
        {
            return DrawFromAll(uniform * total);
        }

        int count = Candidates(options, limitsCount, total, out double mass);
        if (limitsMass)
        {
            count = Selection.PutMassFirst(_values.AsSpan(0, count), _places, options.TopP * mass);
        }

        return DrawFromCandidates(count, uniform);
    }

    /// <summary>Tokens that min-p and top-k leave, in the scratch lists, and their weight.</summary>
    private int Candidates(SamplingOptions options, bool limitsCount, double total, out double mass)
    {
        // The best token's weight is 1, so min-p is a bound on weights.
        float least = MathF.Max(options.MinP, float.Epsilon);
        int count;
        if (limitsCount && options.TopK <= HeapLimit)
        {
            count = Selection.Best(_weights, _values.AsSpan(0, options.TopK), _places);
            count = DropBelow(least, count);
        }
        else
        {
            bool onlyMass = !limitsCount && options.MinP <= 0;
            if (onlyMass)
            {
                // All tokens below this weigh less than half of 1 - top_p together: the set wanted lies above.
                least = MathF.Max(least, (float)(0.5 * (1 - options.TopP) * total / _weights.Length));
            }

            count = LogitScan.Collect(_weights, least, _values, _places);
            if (onlyMass)
            {
                mass = total;
                return count;
            }

            if (limitsCount && options.TopK < count)
            {
                Selection.PutBestFirst(_values.AsSpan(0, count), _places, options.TopK);
                count = options.TopK;
            }
        }

        mass = 0;
        for (int i = 0; i < count; i++)
        {
            mass += _values[i];
        }

        return count;
    }

    private int DropBelow(float least, int count)
    {
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            if (_values[i] >= least)
            {
                (_values[kept], _places[kept]) = (_values[i], _places[i]);
                kept++;
            }
        }

        return kept;
    }

    private int DrawFromCandidates(int count, double uniform)
    {
        double mass = 0;
        for (int i = 0; i < count; i++)
        {
            mass += _values[i];
        }

        double at = uniform * mass;
        for (int i = 0; i < count - 1; i++)
        {
            at -= _values[i];
            if (at < 0)
            {
                return _places[i];
            }
        }

        return _places[count - 1];
    }

    private int DrawFromAll(double at)
    {
        int last = 0;
        for (int chunk = 0, start = 0; start < _weights.Length; chunk++, start += LogitScan.ChunkLength)
        {
            if (at >= _sums[chunk])
            {
                at -= _sums[chunk];
                continue;
            }

            // Rounding may carry the walk past the chunk's end: then its last possible token is taken.
            int end = Math.Min(start + LogitScan.ChunkLength, _weights.Length);
            for (int i = start; i < end; i++)
            {
                if (_weights[i] > 0)
                {
                    last = i;
                    at -= _weights[i];
                    if (at < 0)
                    {
                        return i;
                    }
                }
            }

            return last;
        }

        return _weights.AsSpan().LastIndexOfAnyExcept(0f);
    }
}
