using XLLM.Grammar.Structures;
using XLLM.Grammar.Tokens;

namespace XLLM.Grammar;

/// <summary>
/// A vocabulary as grammars see it: the bytes of every token, and the tokens that end a text. Built once per tokenizer (a second
/// for 128k tokens) and shared; immutable.
/// </summary>
public sealed class GrammarTokenizer
{
    /// <param name="tokens">Bytes by token id. Empty = never written by text: special tokens and unused ids, which come
    /// only where a structure wants that very token, or wants nothing.</param>
    /// <param name="endTokens">Tokens that end a text; allowed where the grammar accepts, and only there.</param>
    /// <exception cref="ArgumentException">A token of more than 255 bytes, or an end token outside of the vocabulary.</exception>
    public GrammarTokenizer(IReadOnlyList<ReadOnlyMemory<byte>> tokens, IReadOnlyList<int> endTokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(endTokens);
        if (endTokens.Any(t => t < 0 || t >= tokens.Count))
        {
            throw new ArgumentException($"an end token is not in the vocabulary of {tokens.Count}", nameof(endTokens));
        }

        HashSet<int> ends = [.. endTokens];
        Bytes = [.. tokens.Select((t, i) => ends.Contains(i) ? default : IsText(t.Span) ? t : SpecialToken.Spell(i))];
        Tables = new TokenTables(Bytes, endTokens);
    }

    /// <summary>One above the highest token id.</summary>
    public int VocabularySize => Bytes.Length;

    /// <summary>Words of 32 bits in a mask; bit t of the mask is bit t % 32 of word t / 32.</summary>
    public int MaskWords => Tables.Words;

    public IReadOnlyList<int> EndTokens => Tables.Ends;

    internal TokenTables Tables { get; }

    internal ReadOnlyMemory<byte>[] Bytes { get; }

    // Bytes from F8 on are in no UTF-8 text; special tokens are spelled with them.
    private static bool IsText(ReadOnlySpan<byte> token) => !token.IsEmpty && token.IndexOfAnyInRange((byte)0xF8, (byte)0xFF) < 0;
}
