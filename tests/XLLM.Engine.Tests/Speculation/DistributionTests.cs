using XLLM.Contracts.Requests;
using XLLM.Engine.Loop;
using XLLM.Engine.Simulated;
using XLLM.Engine.Speculation;
using XLLM.Engine.Tests.Loop;

namespace XLLM.Engine.Tests.Speculation;

/// <summary>
/// The distribution of the output over seeds, of a model with 6 tokens, with speculation (seeds of one half) and without (of
/// the other half): a chi-square test of two samples, and the total variation between them.
/// </summary>
public class DistributionTests
{
    private const int Vocabulary = 6;
    private const int Samples = 4000;

    // 35 degrees of freedom: chi-square above 90 has a probability of 1e-6.
    private const double Limit = 90;
    private static readonly SimulatedModelOptions Model = new() { VocabularySize = Vocabulary, EndToken = 5, Blocks = 4096 };

    [Theory]
    [InlineData(SpeculationMethod.Ngram)]
    [InlineData(SpeculationMethod.Suffix)]
    [InlineData(SpeculationMethod.Draft)]
    public async Task TwoTokens_AreDistributedAsWithoutSpeculation(SpeculationMethod method)
    {
        (int[] plain, _) = await CountAsync(SpeculationMethod.Off, firstSeed: 0, temperature: 6);
        (int[] speculating, EngineHarness engine) = await CountAsync(method, firstSeed: Samples, temperature: 6);

        Assert.InRange(engine.Loop.Load.SpecDraftTokens, Samples / 4, int.MaxValue);
        Assert.InRange(engine.Loop.Load.SpecAcceptedTokens, Samples / 20, engine.Loop.Load.SpecDraftTokens - (Samples / 20));
        Assert.InRange(ChiSquare(plain, speculating), 0, Limit);
        Assert.InRange(TotalVariation(plain, speculating), 0, 0.06);
    }

    [Fact]
    public async Task TheTest_SeesAnotherTemperature()
    {
        (int[] plain, _) = await CountAsync(SpeculationMethod.Off, firstSeed: 0, temperature: 6);
        (int[] other, _) = await CountAsync(SpeculationMethod.Suffix, firstSeed: Samples, temperature: 4.5f);

        Assert.InRange(ChiSquare(plain, other), Limit * 1.1, double.MaxValue);
    }

    private static async Task<(int[] Counts, EngineHarness Engine)> CountAsync(SpeculationMethod method, int firstSeed, float temperature)
    {
        await using EngineHarness engine = new(
            new SimulatedModelRunner(Model),
            new EngineLoopOptions
            {
                MaxWaiting = Samples + 1,
                Speculation = new SpeculationOptions { Method = method, MaxDraftTokens = 3, RowCost = 0.0001 },
            },
            draft: method == SpeculationMethod.Draft ? new SkewedRunner(new SimulatedModelRunner(Model)) : null);

        // Tokens follow 1 2 in the prompt often, so that there are drafts; the model itself pays no heed to what repeats.
        int[] prompt = [1, 2, 3, 1, 2, 0, 1, 2, 3, 4, 1, 2];
        Task<Generation>[] runs = [.. Enumerable.Range(0, Samples).Select(i => engine.RunAsync(EngineHarness.Request(
            prompt, 4, new SamplingOptions { Temperature = temperature, Seed = (ulong)(firstSeed + i), TopP = 0.95f })))];
        int[] counts = new int[Vocabulary * Vocabulary];
        foreach (Generation generation in await Task.WhenAll(runs))
        {
            // The second and the third: they are the ones verified.
            counts[(generation.Ids[1] * Vocabulary) + generation.Ids[2]]++;
        }

        await engine.AssertSoundAsync();
        return (counts, engine);
    }

    private static double ChiSquare(int[] one, int[] two) => one.Zip(two)
        .Where(pair => pair.First + pair.Second > 0)
        .Sum(pair => Math.Pow(pair.First - pair.Second, 2) / (pair.First + pair.Second));

    private static double TotalVariation(int[] one, int[] two) =>
        0.5 * one.Zip(two, (a, b) => Math.Abs((double)(a - b)) / Samples).Sum();
}
