using XLLM.Cli.Bench.Serve;

namespace XLLM.Cli.Bench.Chaos;

/// <summary>Makes the prompts of a run: some share long beginnings, half are sampled with seeds and penalties.</summary>
internal static class ChaosPrompts
{
    private const int SharedPrefixes = 4;

    /// <param name="count">Different prompts.</param>
    /// <param name="longestPrompt">Most tokens of a prompt, at least 32.</param>
    /// <param name="longestOutput">Most tokens of an answer, at least 16.</param>
    /// <param name="seed">Of lengths, tokens and options.</param>
    public static IReadOnlyList<ChaosPrompt> Make(int count, int longestPrompt, int longestOutput, int seed)
    {
        Random random = new(seed);
        int[][] prefixes = [.. Enumerable.Range(0, SharedPrefixes).Select(i => RandomTokens.Make(longestPrompt / 2, new Random(seed + 1 + i)))];
        List<ChaosPrompt> prompts = [];
        for (int i = 0; i < count; i++)
        {
            int[] own = RandomTokens.Make(random.Next(8, longestPrompt / 2), random);
            int[] tokens = random.Next(2) == 0 ? [.. prefixes[random.Next(SharedPrefixes)], .. own] : own;
            bool samples = random.Next(2) == 0;
            prompts.Add(new ChaosPrompt(
                tokens, random.Next(8, longestOutput + 1), samples ? 0.8 : 0, random.Next(), samples ? 0.5 : 0));
        }

        return prompts;
    }
}
