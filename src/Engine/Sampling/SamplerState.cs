using System.Collections.Immutable;
using XLLM.Contracts.Requests;

namespace XLLM.Engine.Sampling;

/// <summary>
/// What sampling has to remember of one request: how often each token came. Kept only when a penalty is on. It depends on
/// tokens alone, so a pre-emption leaves it as it is. One thread.
/// </summary>
public sealed class SamplerState
{
    private const int ReservedCounts = 1_024;

    private readonly Dictionary<int, int>? _counts;

    /// <param name="resumed">Output drawn by earlier runs of the request, as if it had been drawn and observed here.</param>
    public SamplerState(
        SamplingOptions options, StopOptions stop, ReadOnlySpan<int> prompt, ReadOnlySpan<int> resumed = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(stop);
        Options = options;
        Stop = stop;
        HasRepetition = options.RepetitionPenalty != 1;
        HasPenalties = HasRepetition || options.PresencePenalty != 0 || options.FrequencyPenalty != 0;
        if (HasPenalties)
        {
            _counts = new(Math.Min(stop.MaxTokens, ReservedCounts));
            for (int i = 0; HasRepetition && i < prompt.Length; i++)
            {
                _counts[prompt[i]] = 0;
            }
        }

        foreach (int token in resumed)
        {
            Observe(token);
        }
    }

    public SamplingOptions Options { get; }

    public StopOptions Stop { get; }

    /// <summary>Tokens drawn and kept so far: the place of the next one.</summary>
    public int Generated { get; private set; }

    /// <summary>End tokens may not be drawn yet.</summary>
    public bool MasksStopTokens => Generated < Stop.MinTokens && !Stop.StopTokenIds.IsDefaultOrEmpty;

    /// <summary>The logits are changed before drawing.</summary>
    public bool ChangesLogits => HasPenalties || MasksStopTokens || !Options.LogitBias.IsDefaultOrEmpty;

    internal bool HasPenalties { get; }

    internal bool HasRepetition { get; }

    /// <summary>A token has become part of the output.</summary>
    public void Observe(int token)
    {
        Generated++;
        if (_counts is not null)
        {
            System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_counts, token, out _)++;
        }
    }

    /// <summary>Changes the logits in place: penalties, bias, mask, in this order. Only tokens concerned are touched.</summary>
    internal void Apply(Span<float> logits)
    {
        if (_counts is not null)
        {
            foreach ((int token, int count) in _counts)
            {
                logits[token] = Penalise(logits[token], count);
            }
        }

        foreach (TokenBias bias in OrEmpty(Options.LogitBias))
        {
            logits[bias.Token] += bias.Bias;
        }

        if (MasksStopTokens)
        {
            foreach (int token in Stop.StopTokenIds)
            {
                if ((uint)token < (uint)logits.Length)
                {
                    logits[token] = float.NegativeInfinity;
                }
            }
        }
    }

    // A penalty near 0 could push a logit out of float's range; it is stopped where sums and biases stay finite.
    private float Penalise(float logit, int count)
    {
        if (HasRepetition)
        {
            float penalty = Options.RepetitionPenalty;
            logit = logit > 0 ? logit / penalty : logit * penalty;
        }

        if (count > 0)
        {
            logit -= Options.FrequencyPenalty * count;
            logit -= Options.PresencePenalty;
        }

        return Math.Clamp(logit, float.MinValue / 4, float.MaxValue / 4);
    }

    private static ImmutableArray<TokenBias> OrEmpty(ImmutableArray<TokenBias> biases) => biases.IsDefault ? [] : biases;
}
