using XLLM.Contracts.Requests;
using XLLM.Engine.Sampling;

namespace XLLM.Engine.Tests.Sampling;

public class SamplerTests
{
    private const int Vocabulary = 1500;

    public static TheoryData<SamplingOptions> Mixtures() =>
    [
        new SamplingOptions(),
        new SamplingOptions { Temperature = 0.7f },
        new SamplingOptions { TopK = 5 },
        new SamplingOptions { TopK = 700, Temperature = 1.8f },
        new SamplingOptions { TopP = 0.8f },
        new SamplingOptions { TopP = 0.999f, Temperature = 2 },
        new SamplingOptions { TopP = 0.05f },
        new SamplingOptions { MinP = 0.1f },
        new SamplingOptions { MinP = 0.02f, TopK = 12, TopP = 0.7f, Temperature = 1.3f },
        new SamplingOptions { MinP = 0.01f, TopP = 0.9f },
        new SamplingOptions { TopK = 600, TopP = 0.6f, MinP = 0.001f },
        new SamplingOptions { RepetitionPenalty = 1.3f, PresencePenalty = 0.7f, FrequencyPenalty = -0.4f },
        new SamplingOptions { LogitBias = [new(3, 6), new(1499, 8), new(0, -100)], TopP = 0.9f },
        new SamplingOptions { RepetitionPenalty = 0.6f, TopK = 3, LogitBias = [new(7, 9)] },
    ];

    [Theory]
    [MemberData(nameof(Mixtures))]
    public void Draws_OfEveryMixtureOfOptions_FollowTheReferenceDistribution(SamplingOptions options)
    {
        const int Draws = 4000;
        float[] logits = Logits(11);
        int[] prompt = [3, 4, 5, 3];
        int[] output = [7, 7, 9];
        double[] expected = ReferenceSampler.Distribution(logits, options, prompt, output, []);
        Sampler sampler = new(Vocabulary);
        int[] counts = new int[Vocabulary];
        for (int i = 0; i < Draws; i++)
        {
            SamplerState state = new(options with { Seed = (ulong)i * 7919 }, new StopOptions(), prompt);
            Array.ForEach(output, state.Observe);
            Assert.True(sampler.TrySample(logits, state, out int token));
            Assert.True(expected[token] > 0, $"token {token} has no probability");
            counts[token]++;
        }

        // Tokens too rare for a chi-square are counted together.
        (double statistic, int cells, double rare, int rareCount) = (0, 0, 0, 0);
        for (int i = 0; i < Vocabulary; i++)
        {
            if (expected[i] * Draws < 8)
            {
                rare += expected[i] * Draws;
                rareCount += counts[i];
                continue;
            }

            statistic += Math.Pow(counts[i] - (expected[i] * Draws), 2) / (expected[i] * Draws);
            cells++;
        }

        if (rare >= 8)
        {
            statistic += Math.Pow(rareCount - rare, 2) / rare;
            cells++;
        }

        // Mean + 4.5 standard deviations of a chi-square distribution.
        double freedom = Math.Max(1, cells - 1);
        Assert.True(statistic < freedom + (4.5 * Math.Sqrt(2 * freedom)), $"{statistic} with {cells} cells");
    }

    [Fact]
    public void Greedy_WithEqualBestLogits_TakesTheLowestToken()
    {
        float[] logits = Logits(1);
        logits[1400] = logits[77] = logits[900] = 50;

        Assert.Equal(77, Sample(logits, SamplingOptions.Greedy));
        Assert.Equal(77, Sample(logits, new SamplingOptions { Temperature = 1e-6f }));
        Assert.Equal(77, Sample(logits, new SamplingOptions { TopK = 1 }));
    }

    [Theory]
    [InlineData(float.NaN, 3)]
    [InlineData(float.NaN, 1499)]
    [InlineData(float.PositiveInfinity, 500)]
    [InlineData(float.NegativeInfinity, 0)]
    public void TrySample_WithALogitThatIsNotFinite_SaysSo(float value, int at)
    {
        float[] logits = Logits(1);
        logits[at] = value;

        Assert.False(new Sampler(Vocabulary).TrySample(logits, State(SamplingOptions.Greedy), out _));
        Assert.False(new Sampler(Vocabulary).TrySample(logits, State(new SamplingOptions { TopP = 0.5f }), out _));
    }

    [Fact]
    public void MinTokens_UntilReached_KeepsEndTokensOut()
    {
        float[] logits = Logits(1);
        logits[5] = 40;
        logits[6] = 39;
        logits[8] = 38;
        Sampler sampler = new(Vocabulary);
        SamplerState state = new(
            SamplingOptions.Greedy, new StopOptions { MinTokens = 2, StopTokenIds = [5, 6, 999_999] }, []);
        List<int> drawn = [];
        for (int i = 0; i < 3; i++)
        {
            Assert.True(sampler.TrySample(logits, state, out int token));
            state.Observe(token);
            drawn.Add(token);
        }

        Assert.Equal([8, 8, 5], drawn);
    }

    [Fact]
    public void Draws_OfOneSeed_DependOnThePlaceInTheOutputAlone()
    {
        float[] logits = Logits(3);
        SamplingOptions options = new() { Temperature = 2, Seed = 99 };
        int[] Run()
        {
            Sampler sampler = new(Vocabulary);
            SamplerState state = State(options);
            int[] tokens = new int[20];
            for (int i = 0; i < tokens.Length; i++)
            {
                sampler.TrySample(Logits(500), State(options), out _);
                sampler.TrySample(logits, state, out tokens[i]);
                state.Observe(tokens[i]);
            }

            return tokens;
        }

        Assert.Equal(Run(), Run());
        Assert.True(Run().Distinct().Count() > 10);
    }

    [Fact]
    public void Penalties_AtTheEdgesOfTheirRange_NeverBreakTheRow()
    {
        float[] logits = Logits(4);
        logits[3] = 1e30f;
        SamplingOptions options = new() { RepetitionPenalty = float.Epsilon, LogitBias = [new(3, 100), new(4, -100)] };

        Assert.InRange(Sample(logits, options, [3, 4, 5]), 0, Vocabulary - 1);
    }

    [Fact]
    public void Describe_GivesTheLogSoftmaxOfTheRawRowAndTheBestTokensInOrder()
    {
        float[] logits = Logits(9);
        double sum = logits.Sum(value => Math.Exp(value));
        int[] best = [.. Enumerable.Range(0, Vocabulary).OrderByDescending(i => logits[i]).ThenBy(i => i).Take(20)];

        GeneratedToken described = new Sampler(Vocabulary).Describe(logits, 1234, 20);

        Assert.Equal(Math.Log(Math.Exp(logits[1234]) / sum), described.Logprob!.Value, 1e-4);
        Assert.Equal(best, described.Top.Select(top => top.Token));
        Assert.All(described.Top, top => Assert.Equal(Math.Log(Math.Exp(logits[top.Token]) / sum), top.Logprob, 1e-4));
        Assert.True(new Sampler(Vocabulary).Describe(logits, 1, 0).Top.IsDefault);
    }

    [Theory]
    [MemberData(nameof(Mixtures))]
    public void TrySample_AfterTheFirst_AllocatesNothing(SamplingOptions options)
    {
        float[] logits = Logits(5);
        Sampler sampler = new(Vocabulary);
        SamplerState state = State(options, [1, 2, 3]);
        for (int i = 0; i < 50; i++)
        {
            sampler.TrySample(logits, state, out int token);
            state.Observe(token);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 50; i++)
        {
            sampler.TrySample(logits, state, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static int Sample(float[] logits, SamplingOptions options, int[]? prompt = null)
    {
        Assert.True(new Sampler(Vocabulary).TrySample(logits, State(options, prompt), out int token));
        return token;
    }

    private static SamplerState State(SamplingOptions options, int[]? prompt = null) => new(options, new StopOptions(), prompt);

    private static float[] Logits(int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, Vocabulary).Select(_ => (float)((random.NextDouble() * 12) - 6))];
    }
}
