using XLLM.Text.Detokenizing;

namespace XLLM.Text.Tokenizers;

/// <summary>
/// Text to token ids and back. Its shape follows Microsoft.ML.Tokenizers. Immutable after loading and safe for any number of
/// threads.
/// </summary>
public abstract class Tokenizer
{
    /// <summary>One above the highest token id; ids between may be unused.</summary>
    public abstract int VocabularySize { get; }

    /// <summary>Special tokens by role, chat templates, and what else stands beside the vocabulary.</summary>
    public abstract TokenizerConfig Config { get; }

    /// <summary>Token ids of a text.</summary>
    /// <param name="text">Any text; lone surrogates are taken as U+FFFD.</param>
    /// <param name="addSpecialTokens">Add what the tokenizer puts around a text (such as a begin token).</param>
    /// <param name="parseSpecialTokens">Recognise special tokens that stand in the text; false takes them as plain text, as is
    /// right for text from users. Added tokens that are not special are recognised in both cases.</param>
    /// <exception cref="TokenizationException">The vocabulary has no token for a part of the text, nor an unknown
    /// token.</exception>
    public abstract IReadOnlyList<int> EncodeToIds(string text, bool addSpecialTokens = true, bool parseSpecialTokens = true);

    /// <summary>Number of ids that <see cref="EncodeToIds"/> gives.</summary>
    public virtual int CountTokens(string text, bool addSpecialTokens = true, bool parseSpecialTokens = true) =>
        EncodeToIds(text, addSpecialTokens, parseSpecialTokens).Count;

    /// <summary>Text of token ids. Ids outside of the vocabulary give nothing; bytes that are not UTF-8 give U+FFFD.</summary>
    public virtual string Decode(IEnumerable<int> ids, bool skipSpecialTokens = false)
    {
        ArgumentNullException.ThrowIfNull(ids);
        IncrementalDetokenizer detokenizer = CreateDetokenizer(skipSpecialTokens);
        return string.Concat(ids.Select(detokenizer.Append)) + detokenizer.Complete();
    }

    /// <summary>A new decoder of one stream of ids, whose increments put together equal <see cref="Decode"/> of all.</summary>
    /// <param name="skipSpecialTokens">Leave special tokens out.</param>
    /// <param name="shown">Special tokens that are not left out all the same; null = none.</param>
    public abstract IncrementalDetokenizer CreateDetokenizer(bool skipSpecialTokens = true, IReadOnlySet<int>? shown = null);

    /// <summary>The token as the vocabulary writes it; null for an unused id or one outside of the vocabulary.</summary>
    public abstract string? IdToToken(int id);

    /// <summary>Id of a token as the vocabulary writes it, or null.</summary>
    public abstract int? TokenToId(string token);

    /// <summary>The bytes that a token stands for in the middle of a text; empty for an unused id.</summary>
    public abstract ReadOnlyMemory<byte> TokenBytes(int id);

    /// <summary>Whether the id is a special (control) token, which carries no text of its own.</summary>
    public abstract bool IsSpecial(int id);
}
