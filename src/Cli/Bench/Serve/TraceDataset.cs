namespace XLLM.Cli.Bench.Serve;

/// <summary>
/// Replays a trace: times divided by <c>Speed</c>, lengths multiplied by <c>LengthScale</c> and cut to what the server's context
/// takes. Blocks with equal ids have equal tokens, so that prefixes are shared as they were.
/// </summary>
internal sealed record TraceDataset(IReadOnlyList<TraceEntry> Entries, double Speed, double LengthScale, int MaxInput, int MaxOutput)
{
    private const int BlockTokens = 512;

    public IReadOnlyList<ServeRequest> Make(int seed) =>
        [.. Entries.Select((e, i) => new ServeRequest(e.Seconds / Speed, Prompt(e, seed, i), Scaled(e.OutputLength, MaxOutput)))];

    private int[] Prompt(TraceEntry entry, int seed, int index)
    {
        int length = Scaled(entry.InputLength, MaxInput);
        if (entry.Blocks.Length == 0)
        {
            return RandomTokens.Make(length, new Random(unchecked((seed * 104_729) - index - 1)));
        }

        int block = Math.Max(1, (int)Math.Round(BlockTokens * LengthScale));
        IEnumerable<int> tokens = entry.Blocks.SelectMany(id => RandomTokens.Make(block, new Random(unchecked((seed * 7_919) + id))));
        int[] prompt = [.. tokens.Take(length)];

        // Fewer ids than the length needs: the rest is the request's own.
        return prompt.Length == length
            ? prompt
            : [.. prompt, .. RandomTokens.Make(length - prompt.Length, new Random(unchecked((seed * 104_729) - index - 1)))];
    }

    private int Scaled(int length, int most) => Math.Clamp((int)Math.Round(length * LengthScale), 1, most);
}
