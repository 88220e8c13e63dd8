using System.Globalization;

namespace XLLM.Text.Tokenizers.Models;

/// <summary>Tokens and their ids.</summary>
internal sealed class Vocabulary
{
    /// <summary>Ids at or above this are refused: no known vocabulary has a twentieth of it.</summary>
    public const int MaxSize = 1 << 22;

    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _spans;
    private readonly string?[] _tokens;

    /// <exception cref="TokenizerFormatException">An id is negative or too large, or two tokens share one.</exception>
    public Vocabulary(IReadOnlyCollection<KeyValuePair<string, int>> tokens)
    {
        int size = 0;
        foreach ((string token, int id) in tokens)
        {
            if (id is < 0 or >= MaxSize)
            {
                throw new TokenizerFormatException(string.Create(CultureInfo.InvariantCulture,
                    $"Token \"{token}\" has id {id}; ids must be from 0 to {MaxSize - 1}."));
            }

            size = Math.Max(size, id + 1);
        }

        _ids = new Dictionary<string, int>(tokens.Count, StringComparer.Ordinal);
        _spans = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _tokens = new string?[size];
        foreach ((string token, int id) in tokens)
        {
            if (_tokens[id] is { } other && other != token)
            {
                throw new TokenizerFormatException($"Tokens \"{other}\" and \"{token}\" have the same id {id}.");
            }

            _tokens[id] = token;
            _ids[token] = id;
        }
    }

    /// <summary>
    /// One token an index. Of equal tokens the first keeps the text; the others can be decoded but are never produced.
    /// </summary>
    public Vocabulary(IReadOnlyList<string> tokens)
    {
        _ids = new Dictionary<string, int>(tokens.Count, StringComparer.Ordinal);
        _spans = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _tokens = [.. tokens];
        for (int id = 0; id < tokens.Count; id++)
        {
            _ids.TryAdd(tokens[id], id);
        }
    }

    /// <summary>One above the highest id.</summary>
    public int Size => _tokens.Length;

    public int Count => _ids.Count;

    public string? IdToToken(int id) => (uint)id < (uint)_tokens.Length ? _tokens[id] : null;

    public int? TokenToId(string token) => _ids.TryGetValue(token, out int id) ? id : null;

    public bool TryGetId(ReadOnlySpan<char> token, out int id) => _spans.TryGetValue(token, out id);

    /// <summary>Ids of the 256 tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>, -1 where one is missing.</summary>
    public int[] ByteTokens()
    {
        var ids = new int[256];
        for (int b = 0; b < 256; b++)
        {
            ids[b] = TokenToId(string.Create(CultureInfo.InvariantCulture, $"<0x{b:X2}>")) ?? -1;
        }

        return ids;
    }
}
