namespace XLLM.Cli.Bench.Peers;

/// <summary>The end of a long text, for messages.</summary>
internal static class Shortened
{
    private const int Most = 400;

    public static string Of(string text)
    {
        string trimmed = text.Trim();
        return trimmed.Length <= Most ? trimmed : "... " + trimmed[^Most..];
    }
}
