using System.Text;
using XLLM.Text.Tokenizers.AddedTokens;
using XLLM.Text.Tokenizers.Decoders;

namespace XLLM.Text.Tokenizers;

/// <summary>The bytes of each token in the middle of a text; worked out on first use of an id.</summary>
internal sealed class TokenBytesTable(Tokenizer tokenizer, AddedVocabulary added, TokenDecoder decoder)
{
    private readonly Lazy<byte[]?[]> _known = new(() => new byte[tokenizer.VocabularySize][]);

    public ReadOnlyMemory<byte> Of(int id)
    {
        if (id < 0 || id >= tokenizer.VocabularySize)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        byte[]?[] known = _known.Value;
        return known[id] ??= Find(id);
    }

    private byte[] Find(int id)
    {
        string? token = tokenizer.IdToToken(id);
        return token is null ? [] : added.IdToToken(id) is not null ? Encoding.UTF8.GetBytes(token) : decoder.BytesOf(token);
    }
}
