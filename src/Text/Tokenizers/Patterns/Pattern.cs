using System.Text;

namespace XLLM.Text.Tokenizers.Patterns;

/// <summary>
/// A splitting pattern: a backtracking matcher over code points (not UTF-16 units, so that letters beyond U+FFFF are letters),
/// with leftmost, first-alternative semantics and a step budget instead of a time limit. Safe for use by several threads.
/// </summary>
internal sealed class Pattern
{
    private const long BaseSteps = 2_000_000;
    private const long StepsPerCharacter = 2_000;

    private readonly Instruction[] _program;
    private readonly int _registers;

    private Pattern(string source, Instruction[] program, int registers)
    {
        Source = source;
        _program = program;
        _registers = registers;
    }

    public string Source { get; }

    /// <exception cref="TokenizerFormatException">The pattern is malformed or not supported.</exception>
    public static Pattern Parse(string source)
    {
        (Instruction[] program, int registers) = PatternCompiler.Compile(PatternParser.Parse(source));
        return new Pattern(source, program, registers);
    }

    /// <summary>A pattern that matches a text as it stands; an empty one matches nowhere.</summary>
    public static Pattern Literal(string text)
    {
        PatternNode node = text.Length == 0
            ? new SetNode(CodePointSet.Empty)
            : new SequenceNode([.. text.EnumerateRunes().Select(r => new SetNode(CodePointSet.Of(r.Value)))]);
        (Instruction[] program, int registers) = PatternCompiler.Compile(node);
        return new Pattern(text, program, registers);
    }

    /// <summary>
    /// All matches from left to right, not overlapping, as (start, end) offsets in UTF-16 units from the start of <paramref
    /// name="text"/>.
    /// </summary>
    /// <exception cref="TokenizationException">The budget of steps is spent.</exception>
    public void FindAll(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        var run = new PatternRun(_program, _registers, text, BaseSteps + (StepsPerCharacter * text.Length));
        int at = 0;
        int last = -1;
        while (at <= text.Length)
        {
            int end = run.Match(at);
            if (run.OutOfSteps)
            {
                throw new TokenizationException(
                    $"The splitting pattern \"{Source}\" takes too many steps on a text of {text.Length} characters.");
            }

            // An empty match right behind another match does not count.
            if (end < 0 || (end == at && end == last))
            {
                at += CodePoints.Width(text, at);
                continue;
            }

            matches.Add((at, end));
            (at, last) = (end, end);
        }

        run.Dispose();
    }

    /// <summary>The text with every match replaced by <paramref name="content"/>, taken as it is.</summary>
    /// <exception cref="TokenizationException">The budget of steps is spent.</exception>
    public string Replace(string text, string content)
    {
        var matches = new List<(int Start, int End)>();
        FindAll(text, matches);
        if (matches.Count == 0)
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        int done = 0;
        foreach ((int start, int end) in matches)
        {
            result.Append(text, done, start - done).Append(content);
            done = end;
        }

        return result.Append(text, done, text.Length - done).ToString();
    }
}
