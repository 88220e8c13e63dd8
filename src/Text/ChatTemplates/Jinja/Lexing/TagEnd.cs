using XLLM.Text.ChatTemplates.Jinja.Runtime;

namespace XLLM.Text.ChatTemplates.Jinja.Lexing;

/// <summary>What a tag takes of the white space behind it.</summary>
internal static class TagEnd
{
    public static int SkipSpace(string source, int at)
    {
        while (at < source.Length && PythonText.IsSpace(source[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>Where the text behind a tag goes on: '-' skips all white space, '+' none, otherwise one newline if asked for.</summary>
    public static int After(string source, int at, char sign, bool trimNewline) => sign switch
    {
        '-' => SkipSpace(source, at),
        '+' => at,
        _ => trimNewline && at < source.Length && source[at] == '\n' ? at + 1 : at,
    };
}
