namespace XLLM.Text.Tokenizers.Models;

/// <summary>Turns a piece of text into token ids. Safe for several threads.</summary>
internal interface ITokenModel
{
    Vocabulary Vocabulary { get; }

    /// <exception cref="TokenizationException">The piece has a part without a token, and there is no unknown token.</exception>
    void Tokenize(ReadOnlySpan<char> piece, List<int> ids);
}
