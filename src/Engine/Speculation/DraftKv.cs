using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Speculation;

/// <summary>A request's KV in the draft model's pool, and which of its own guesses it holds. Engine's thread.</summary>
internal sealed class DraftKv(int maxDraftTokens)
{
    private readonly int[] _guesses = new int[maxDraftTokens];
    private int _guessed;
    private int _guessesFrom;

    public BlockTable Table { get; } = new();

    /// <summary>Tokens that have KV, guesses included.</summary>
    public int Computed { get; private set; }

    /// <summary>When it was last used, by the source's count of calls.</summary>
    public long LastUse { get; set; }

    public void Forget()
    {
        Computed = 0;
        _guessed = 0;
    }

    /// <summary>The next tokens known have KV now.</summary>
    public void Advance(int tokens)
    {
        Computed += tokens;
        _guessesFrom = Computed;
    }

    /// <summary>A guess after all known tokens has KV now.</summary>
    public void Guess(int token)
    {
        _guesses[_guessed++] = token;
        Computed++;
    }

    /// <summary>Keeps what the text turned out to have, but not its last token: that one's row is wanted again.</summary>
    public void Rewind(ReadOnlySpan<int> text)
    {
        int right = 0;
        while (right < _guessed && _guessesFrom + right < text.Length && _guesses[right] == text[_guessesFrom + right])
        {
            right++;
        }

        Computed = Math.Min(Computed - _guessed + right, text.Length - 1);
        _guessed = 0;
    }
}
