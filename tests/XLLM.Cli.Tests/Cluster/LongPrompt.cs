namespace XLLM.Cli.Tests.Cluster;

/// <summary>Texts of the demo model's words, each its own; about a token a word.</summary>
internal static class LongPrompt
{
    private static readonly string[] Words =
        "the a river house cat story of king and forest light under with old small tree".Split(' ');

    public static string Of(int seed, int words)
    {
        Random random = new(seed);
        return string.Join(' ', Enumerable.Range(0, words).Select(_ => Words[random.Next(Words.Length)]));
    }
}
