using XLLM.Grammar;

namespace XLLM.Engine.Structures;

/// <summary>
/// Ends a request's thoughts within their budget: as <see cref="OutputSteering"/> ends a text, for the thoughts alone. Depends on the tokens
/// alone. One thread at a time.
/// </summary>
internal sealed class ThoughtLimit(GrammarState state, int maxTokens)
{
    private const int MaxEndBytes = 4096;

    // The shortest thoughts need room, however small the budget.
    private readonly OutputSteering _steering = new(Math.Max(maxTokens, LeastOf(state)));
    private GrammarState? _state = state;

    /// <summary>The tokens of the output so far; before the first <see cref="Take"/>.</summary>
    public void Replay(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
        {
            if (_state is null || _state.IsClosed || !_state.TryAccept(token))
            {
                _state = null;
                return;
            }
        }

        _steering.Begin(_state!, tokens.Length);
    }

    /// <summary>Goes on by the token drawn, or by the one to write in its place.</summary>
    public void Take(ref int token, int generated)
    {
        // Over, or the output began without thoughts.
        _state = _state is { IsClosed: false } open && open.Allows(token) ? _steering.Take(open, ref token, generated) : null;
    }

    /// <summary>Something else was written: the text is being ended as a whole.</summary>
    public void Stop() => _state = null;

    private static int LeastOf(GrammarState state) =>
        state.Completion(MaxEndBytes) is { } bytes ? state.Spell(bytes)?.Length ?? 0 : 0;
}
