namespace XLLM.Cli.Bench.Serve;

/// <summary>Token ids for prompts. They lie where every vocabulary has ordinary tokens.</summary>
internal static class RandomTokens
{
    private const int First = 300;
    private const int End = 3_900;

    public static int[] Make(int count, Random random)
    {
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++)
        {
            tokens[i] = random.Next(First, End);
        }

        return tokens;
    }
}
