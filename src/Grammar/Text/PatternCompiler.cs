namespace XLLM.Grammar.Text;

/// <summary>
/// Turns a pattern into a regular expression over whole strings. Anchors and lookaheads are resolved against what follows
/// (continuations), so they may stand anywhere but inside an unbounded repetition.
/// </summary>
internal sealed class PatternCompiler(RegexPool pool)
{
    /// <summary>Strings in which the pattern is found (search, as JSON Schema has it).</summary>
    public RegexNode Search(PatternNode pattern)
    {
        Rest found = Compile(pattern, new Rest(pool.Everything, pool.Everything));
        return found.AtStart == found.Later
            ? pool.Concat(pool.Everything, found.Later)
            : pool.Or(found.AtStart, pool.Concat(pool.Any, pool.Concat(pool.Everything, found.Later)));
    }

    /// <summary>Strings that the pattern matches as a whole.</summary>
    public RegexNode Whole(PatternNode pattern) => Compile(pattern, new Rest(pool.Epsilon, pool.Epsilon)).AtStart;

    private Rest Compile(PatternNode node, Rest rest)
    {
        RegexTooLargeException.CheckStack();
        switch (node)
        {
            case PatternNode.Chars chars:
                RegexNode one = pool.Concat(pool.Set(chars.Set), rest.Later);
                return new Rest(one, one);
            case PatternNode.Sequence sequence:
                for (int i = sequence.Parts.Count - 1; i >= 0; i--)
                {
                    rest = Compile(sequence.Parts[i], rest);
                }

                return rest;
            case PatternNode.Choice choice:
                Rest[] parts = [.. choice.Parts.Select(p => Compile(p, rest))];
                return new Rest(pool.Or(parts.Select(p => p.AtStart)), pool.Or(parts.Select(p => p.Later)));
            case PatternNode.Start:
                return new Rest(rest.AtStart, pool.Nothing);
            case PatternNode.End:
                return new Rest(pool.And(pool.Epsilon, rest.AtStart), pool.And(pool.Epsilon, rest.Later));
            case PatternNode.Lookahead look:
                Rest ahead = Compile(look.Body, new Rest(pool.Everything, pool.Everything));
                return look.Negative
                    ? new Rest(pool.And(pool.Not(ahead.AtStart), rest.AtStart), pool.And(pool.Not(ahead.Later), rest.Later))
                    : new Rest(pool.And(ahead.AtStart, rest.AtStart), pool.And(ahead.Later, rest.Later));
            case PatternNode.Repeat repeat:
                return repeat.Body.HasContext ? Unrolled(repeat, rest) : Repeated(repeat, rest);
            default:
                throw new PatternException("an unknown part of a pattern");
        }
    }

    private Rest Repeated(PatternNode.Repeat repeat, Rest rest)
    {
        RegexNode body = pool.Repeat(Plain(repeat.Body), repeat.Min, repeat.Max);
        RegexNode later = pool.Concat(body, rest.Later);
        if (rest.AtStart == rest.Later)
        {
            return new Rest(later, later);
        }

        RegexNode some = pool.And(body, pool.Concat(pool.Any, pool.Everything));
        return new Rest(pool.Or(body.Nullable ? rest.AtStart : pool.Nothing, pool.Concat(some, rest.Later)), later);
    }

    private Rest Unrolled(PatternNode.Repeat repeat, Rest rest)
    {
        if (repeat.Max is < 0 or > 8)
        {
            throw new PatternException("an anchor or lookahead inside a repetition cannot be kept by an automaton");
        }

        Rest result = rest;
        for (int i = repeat.Max; i > 0; i--)
        {
            Rest more = Compile(repeat.Body, result);
            result = i > repeat.Min
                ? new Rest(pool.Or(more.AtStart, rest.AtStart), pool.Or(more.Later, rest.Later))
                : more;
        }

        return result;
    }

    private RegexNode Plain(PatternNode node) => node switch
    {
        PatternNode.Chars chars => pool.Set(chars.Set),
        PatternNode.Sequence sequence => sequence.Parts.Reverse().Aggregate(pool.Epsilon, (rest, p) => pool.Concat(Plain(p), rest)),
        PatternNode.Choice choice => pool.Or(choice.Parts.Select(Plain)),
        PatternNode.Repeat repeat => pool.Repeat(Plain(repeat.Body), repeat.Min, repeat.Max),
        _ => throw new PatternException("an anchor or lookahead inside a repetition cannot be kept by an automaton"),
    };

    /// <summary>What follows, when nothing has been read yet and when something has.</summary>
    private readonly record struct Rest(RegexNode AtStart, RegexNode Later);
}
