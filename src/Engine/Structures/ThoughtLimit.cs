using XLLM.Grammar;

namespace XLLM.Engine.Structures;

/// <summary>
/// Ends a request's thoughts within their budget: as <see cref="OutputSteering"/> ends a text, for the thoughts alone. Depends on the tokens
/// alone. One thread at a time.
/// </summary>
internal sealed class ThoughtLimit
{
    private const int MaxEndBytes = 4096;

    private readonly OutputSteering _steering;
    private GrammarState? _state;

    /// <param name="state">Thoughts before their first token.</param>
    /// <param name="maxTokens">The budget; the shortest thoughts have room, however small it is.</param>
    public ThoughtLimit(GrammarState state, int maxTokens)
    {
        int least = state.Completion(MaxEndBytes) is { } bytes ? state.Spell(bytes)?.Length ?? 0 : 0;
        _state = state;
        _steering = new OutputSteering(Math.Max(maxTokens, least));
        _steering.Begin(state);
    }

    /// <summary>The tokens of the output so far; before the first <see cref="Take"/>.</summary>
    public void Replay(ReadOnlySpan<int> tokens)
    {
        for (int i = 0; i < tokens.Length && Open(tokens[i]) is { } open; i++)
        {
            int token = tokens[i];
            GrammarState next = _steering.Take(open.Fork(), ref token, i);
            if (token == tokens[i])
            {
                _state = next;
                continue;
            }

            open.TryAccept(tokens[i]);
            _steering.Forget();
        }
    }

    /// <summary>Goes on by the token drawn, or by the one to write in its place.</summary>
    public void Take(ref int token, int generated)
    {
        if (Open(token) is { } open)
        {
            _state = _steering.Take(open, ref token, generated);
        }
    }

    /// <summary>Something else was written: the text is being ended as a whole.</summary>
    public void Stop() => _state = null;

    // Null once they are over, or where the output began without.
    private GrammarState? Open(int token) => _state = _state is { IsClosed: false } open && open.Allows(token) ? open : null;
}
