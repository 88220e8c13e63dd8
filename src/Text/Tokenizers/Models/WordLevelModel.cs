namespace XLLM.Text.Tokenizers.Models;

/// <summary>One token a piece.</summary>
internal sealed class WordLevelModel(Vocabulary vocabulary, string? unknownToken) : ITokenModel
{
    private readonly int? _unknown = unknownToken is null ? null : vocabulary.TokenToId(unknownToken);

    public Vocabulary Vocabulary { get; } = vocabulary;

    public void Tokenize(ReadOnlySpan<char> piece, List<int> ids) =>
        ids.Add(Vocabulary.TryGetId(piece, out int id)
            ? id
            : _unknown ?? throw new TokenizationException(
                $"\"{piece}\" is not in the vocabulary, and there is no unknown token."));
}
