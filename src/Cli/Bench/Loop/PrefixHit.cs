using System.Collections.Immutable;
using System.Globalization;
using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Bench.Loop;

/// <summary>
/// What a hit of the prefix cache is worth: time to the first token of a prompt nobody has sent, then of one that shares its first
/// tokens. Each round has a prefix of its own.
/// </summary>
internal sealed record PrefixHit(int PrefixTokens, Samples Cold, Samples Hit)
{
    private const int OwnTokens = 16;

    public double Speedup => Cold.Median / Hit.Median;

    public static async Task<PrefixHit> MeasureAsync(LoopBench bench, int prefixTokens, int rounds, CancellationToken cancellationToken)
    {
        PrefixHit result = new(prefixTokens, new Samples(), new Samples());
        for (int round = 0; round < rounds; round++)
        {
            ImmutableArray<int> prefix = bench.RandomPrompt(prefixTokens);
            result.Cold.Add(await bench.FirstTokenAsync([.. prefix, .. bench.RandomPrompt(OwnTokens)], cancellationToken));
            result.Hit.Add(await bench.FirstTokenAsync([.. prefix, .. bench.RandomPrompt(OwnTokens)], cancellationToken));
        }

        return result;
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"prefix of {PrefixTokens} tokens: TTFT {Cold.Median * 1000:0.0} ms cold, {Hit.Median * 1000:0.0} ms with a hit, {Speedup:0.0}x");
}
