using XLLM.Grammar;

namespace XLLM.Engine.Structures;

/// <summary>
/// Brings a text to an end that its structure allows within the tokens it may have. A token drawn is taken when the text can
/// still be ended after it; otherwise the next token of a short end is. How long the end would be is looked at after every token
/// where little is left, seldom where much is: several tokens are taken to lengthen it by no more than a few dozen each, and a
/// single one by no more than a good part of the longest end seen. Depends on the tokens alone.
/// </summary>
internal sealed class OutputSteering(int maxTokens)
{
    private const int Margin = 16;
    private const int Growth = 32;
    private const int MostGrowth = 256;
    private const int MaxEndBytes = 1 << 15;

    private int[]? _end;
    private int _longest;
    private int _nextLook;

    /// <summary>Before the first token.</summary>
    public void Begin(GrammarState state)
    {
        _end = EndOf(state);
        Plan(0);
    }

    /// <summary>
    /// The state after the token, which may be exchanged. The caller holds the grammar, and the mask has taken the token. Given
    /// the tokens that came of it, it takes them all again and comes to the same.
    /// </summary>
    public GrammarState Take(GrammarState state, ref int token, int generated)
    {
        if (generated < _nextLook && !(_end?.Length > 0 && _end[0] == token))
        {
            _end = null;
            return After(state, token);
        }

        _end ??= EndOf(state);
        if (_end?.Length > 0 && _end[0] == token)
        {
            _end = _end[1..];
            return After(state, token);
        }

        GrammarState ahead = After(state.Fork(), token);
        int[]? end = EndOf(ahead);
        int left = maxTokens - generated - 1;
        if (!(end?.Length <= left) && _end is { Length: > 0 } && _end.Length <= left + 1)
        {
            token = _end[0];
            _end = _end[1..];
            return After(state, token);
        }

        _end = end;
        Plan(generated + 1);
        return ahead;
    }

    /// <summary>The text went on in another way than it was steered.</summary>
    public void Forget() => (_end, _nextLook) = (null, 0);

    private static GrammarState After(GrammarState state, int token) => state.TryAccept(token)
        ? state
        : throw new GrammarRefusedException("#", "token", $"token {token} is refused, though its mask has it");

    private static int[]? EndOf(GrammarState state) => state.Completion(MaxEndBytes) is { } bytes ? state.Spell(bytes) : null;

    private void Plan(int generated)
    {
        int length = _end?.Length ?? 0;
        _longest = Math.Max(_longest, length);
        int slack = maxTokens - generated - length;
        int close = Math.Clamp(2 * _longest, Growth, MostGrowth);

        // Where the end does not fit it hardly will later.
        _nextLook = generated + (slack < 0 ? Margin : slack <= close ? 0 : 1 + ((slack - close) / (Margin + Growth)));
    }
}
