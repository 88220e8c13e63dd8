using XLLM.Text.Tokenizers.Normalizers;

namespace XLLM.Text.Tokenizers.AddedTokens;

/// <summary>
/// The added tokens of a tokenizer. Those that are not <see cref="AddedToken.Normalized"/> are found in the raw text; what is
/// left is normalized and searched for the others.
/// </summary>
internal sealed class AddedVocabulary
{
    private readonly Dictionary<int, AddedToken> _byId = [];
    private readonly Dictionary<string, AddedToken> _byContent = new(StringComparer.Ordinal);
    private readonly AddedTokenMatcher _raw;
    private readonly AddedTokenMatcher _normalized;

    public AddedVocabulary(IReadOnlyCollection<AddedToken> tokens, INormalizer? normalizer)
    {
        foreach (AddedToken token in tokens)
        {
            _byId[token.Id] = token;
            _byContent[token.Content] = token;
            Size = Math.Max(Size, token.Id + 1);
        }

        _raw = new AddedTokenMatcher(tokens.Where(t => !t.Normalized).Select(t => (t.Content, t)));
        _normalized = new AddedTokenMatcher(tokens.Where(t => t.Normalized)
            .Select(t => (normalizer is null ? t.Content : normalizer.Normalize(t.Content), t)));
    }

    /// <summary>One above the highest id.</summary>
    public int Size { get; }

    public string? IdToToken(int id) => _byId.TryGetValue(id, out AddedToken? token) ? token.Content : null;

    public int? TokenToId(string token) => _byContent.TryGetValue(token, out AddedToken? added) ? added.Id : null;

    public bool IsSpecial(int id) => _byId.TryGetValue(id, out AddedToken? token) && token.Special;

    public void Split(string text, INormalizer? normalizer, bool withSpecial, List<Section> sections)
    {
        var raw = new List<(AddedToken? Token, int Start, int End)>();
        _raw.Split(text, withSpecial, raw);
        var inner = new List<(AddedToken? Token, int Start, int End)>();
        foreach ((AddedToken? token, int start, int end) in raw)
        {
            if (token is not null)
            {
                sections.Add(new Section("", start == 0, token.Id));
                continue;
            }

            string stretch = text[start..end];
            string normal = normalizer is null ? stretch : normalizer.Normalize(stretch);
            inner.Clear();
            _normalized.Split(normal, withSpecial, inner);
            foreach ((AddedToken? t, int from, int to) in inner)
            {
                bool first = start == 0 && from == 0;
                sections.Add(t is null ? new Section(normal[from..to], first) : new Section("", first, t.Id));
            }
        }
    }
}
