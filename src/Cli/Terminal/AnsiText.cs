using System.Text;

namespace XLLM.Cli.Terminal;

/// <summary>Escape sequences of a terminal, and texts from elsewhere without any.</summary>
internal static class AnsiText
{
    public const string Reset = "\e[0m";
    public const string Bold = "\e[1m";
    public const string BoldOff = "\e[22m";
    public const string Italic = "\e[3m";
    public const string ItalicOff = "\e[23m";
    public const string Dim = "\e[2m";
    public const string Underline = "\e[4m";
    public const string Code = "\e[36m";
    public const string CodeOff = "\e[39m";
    public const string Red = "\e[31m";

    /// <summary>
    /// Without control characters, apart from line feed and tab: what a model writes must not move the cursor, change the title or
    /// type for the user.
    /// </summary>
    public static string Clean(string text)
    {
        if (!text.Any(IsControl))
        {
            return text;
        }

        StringBuilder clean = new(text.Length);
        foreach (char c in text.Where(c => !IsControl(c)))
        {
            clean.Append(c);
        }

        return clean.ToString();
    }

    private static bool IsControl(char c) => char.IsControl(c) && c is not ('\n' or '\t');
}
