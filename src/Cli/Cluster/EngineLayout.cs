namespace XLLM.Cli.Cluster;

/// <summary>How many engines, and the role of each.</summary>
/// <param name="Roles">mixed, prefill or decode, one for each engine.</param>
internal sealed record EngineLayout(IReadOnlyList<string> Roles)
{
    private const int Default = 2;
    private const int Most = 256;

    /// <summary>Throws <see cref="ArgumentException"/> for counts that contradict each other.</summary>
    public static EngineLayout Of(int? engines, int? prefill, int? decode, bool auto)
    {
        if (prefill is null && decode is null)
        {
            return new EngineLayout(Mixed(Check(engines ?? Default, "--engines")));
        }

        if (auto)
        {
            throw new ArgumentException("--auto lets every engine do both; --prefill and --decode fix the split. Give one of the two.");
        }

        if (prefill is not { } p || decode is not { } d)
        {
            throw new ArgumentException("--prefill and --decode go together: both kinds are needed to answer a request.");
        }

        int total = Check(p, "--prefill") + Check(d, "--decode");
        if (engines is { } all && all != total)
        {
            throw new ArgumentException($"--engines is {all}, but --prefill and --decode make {total}; leave --engines out.");
        }

        return new EngineLayout([.. Enumerable.Repeat("prefill", p), .. Enumerable.Repeat("decode", d)]);
    }

    private static string[] Mixed(int count) => [.. Enumerable.Repeat("mixed", count)];

    private static int Check(int count, string option) => count is >= 1 and <= Most
        ? count
        : throw new ArgumentException($"{option} is {count}; it must be in 1..{Most}.");
}
