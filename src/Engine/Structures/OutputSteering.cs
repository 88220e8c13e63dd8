using XLLM.Grammar;

namespace XLLM.Engine.Structures;

/// <summary>
/// Brings a text to an end that its structure allows within the tokens it may have. A token drawn is taken when the text can still be ended
/// after it; otherwise the next token of a short end is. How long the end would be is looked at often where little is left, seldom where much is:
/// it is assumed that one token lengthens it by no more than it has ever been, and a little. Depends on the tokens alone.
/// </summary>
internal sealed class OutputSteering(int maxTokens)
{
    private const int Margin = 16;
    private const int MaxEndBytes = 1 << 15;

    private int[]? _end;
    private int _longest;
    private int _nextLook;

    /// <summary>Before the first token, or after those the text is resumed with.</summary>
    public void Begin(GrammarState state, int generated)
    {
        _end = EndOf(state);
        Plan(generated, _end);
    }

    /// <summary>
    /// The state after the token, which may be exchanged. The caller holds the grammar, and the mask has taken the token.
    /// </summary>
    public GrammarState Take(GrammarState state, ref int token, int generated)
    {
        if (_end is { Length: > 0 } && _end[0] == token)
        {
            _end = _end[1..];
            return After(state, token);
        }

        if (generated < _nextLook)
        {
            _end = null;
            return After(state, token);
        }

        GrammarState ahead = After(state.Fork(), token);
        int[]? end = EndOf(ahead);
        int left = maxTokens - generated - 1;
        if (end is null || end.Length > left)
        {
            int[]? now = _end ?? EndOf(state);
            if (now is { Length: > 0 } && now.Length <= left + 1)
            {
                token = now[0];
                _end = now[1..];
                return After(state, token);
            }
        }

        _end = end;
        Plan(generated + 1, end);
        return ahead;
    }

    private static GrammarState After(GrammarState state, int token) => state.TryAccept(token)
        ? state
        : throw new GrammarRefusedException("#", "token", $"token {token} is refused, though its mask has it");

    private static int[]? EndOf(GrammarState state) => state.Completion(MaxEndBytes) is { } bytes ? state.Spell(bytes) : null;

    private void Plan(int generated, int[]? end)
    {
        _longest = Math.Max(_longest, end?.Length ?? 0);
        int slack = maxTokens - generated - (end?.Length ?? 0);

        // Where the end does not fit it hardly will later.
        _nextLook = generated + (slack < 0 ? Margin : slack / (Margin + _longest));
    }
}
