namespace XLLM.Engine.Models;

/// <summary>Limits of what can be computed, and rules between the sizes.</summary>
internal static class ConfigChecks
{
    public const int MaxLayers = 1_024;
    public const int MaxHidden = 1 << 18;
    public const int MaxIntermediate = 1 << 20;
    public const int MaxHeads = 1_024;
    public const int MaxHeadDim = 1_024;
    public const int MaxVocabulary = 1 << 22;
    public const int MaxContext = 1 << 26;

    /// <summary>Adds what does not fit together.</summary>
    public static void Check(ModelConfig config, ConfigProblems problems)
    {
        if (config.Heads % config.KvHeads != 0)
        {
            problems.Add($"{config.Heads} attention heads are no multiple of {config.KvHeads} key/value heads");
        }

        problems.Range("the head dimension", config.HeadDim, 2, MaxHeadDim);
        if (config.HeadDim % 2 != 0)
        {
            problems.Add($"the head dimension is {config.HeadDim}; an even one was expected");
        }

        if ((long)config.Heads * config.HeadDim > MaxHidden)
        {
            problems.Add($"{config.Heads} heads of {config.HeadDim} are wider than {MaxHidden}");
        }

        foreach (int token in config.EndTokens)
        {
            if (token < 0 || token >= config.VocabularySize)
            {
                problems.Add($"end token {token} is outside of the vocabulary of {config.VocabularySize}");
            }
        }

        CheckRope(config, problems);
    }

    private static void CheckRope(ModelConfig config, ConfigProblems problems)
    {
        RopeConfig rope = config.Rope;
        if (rope.Scaling is RopeScaling.Llama3 && rope.HighFrequencyFactor <= rope.LowFrequencyFactor)
        {
            problems.Add("rope scaling llama3 needs a high_freq_factor above its low_freq_factor");
        }

        if (rope.Scaling is RopeScaling.Yarn && rope.Theta <= 1)
        {
            problems.Add("rope scaling yarn needs a rope_theta above 1");
        }

        if (rope.Divisors is { } divisors
            && (divisors.Length != config.HeadDim / 2 || !divisors.All(d => d is >= 1e-6f and <= 1e6f)))
        {
            problems.Add(
                $"the rope frequency divisors should be {config.HeadDim / 2} numbers from 1e-6 to 1e6, found {divisors.Length}");
        }
    }
}
