namespace XLLM.Text.StopSequences;

/// <summary>
/// Follows a text and knows how much of its end is a beginning of one string (Knuth, Morris and Pratt 1977): amortised constant
/// time a character.
/// </summary>
internal sealed class PrefixAutomaton
{
    private readonly int[] _failure;

    public PrefixAutomaton(string text)
    {
        Text = text;
        _failure = new int[text.Length];
        for (int i = 1, k = 0; i < text.Length; i++)
        {
            while (k > 0 && text[i] != text[k])
            {
                k = _failure[k - 1];
            }

            k += text[i] == text[k] ? 1 : 0;
            _failure[i] = k;
        }
    }

    public string Text { get; }

    /// <summary>Length of the longest end of the text so far that the string begins with.</summary>
    public int Matched { get; private set; }

    /// <summary>Takes one more character; true when the string is now complete, after which no more may be taken.</summary>
    public bool Advance(char c)
    {
        while (Matched > 0 && Text[Matched] != c)
        {
            Matched = _failure[Matched - 1];
        }

        Matched += Text[Matched] == c ? 1 : 0;
        return Matched == Text.Length;
    }
}
