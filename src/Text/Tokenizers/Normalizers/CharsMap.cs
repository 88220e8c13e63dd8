using System.Buffers.Binary;
using System.Text;

namespace XLLM.Text.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's compiled normalization rules: a Darts double-array trie over UTF-8, whose values are offsets of NUL-ended
/// replacements (SentencePiece, normalizer.cc: 4 bytes of trie size, the trie, the replacements).
/// </summary>
internal sealed class CharsMap
{
    private readonly uint[] _trie;
    private readonly byte[] _replacements;

    private CharsMap(uint[] trie, byte[] replacements)
    {
        _trie = trie;
        _replacements = replacements;
    }

    /// <exception cref="TokenizerFormatException">The sizes do not fit.</exception>
    public static CharsMap Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return new CharsMap([], []);
        }

        uint size = bytes.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : uint.MaxValue;
        if (size > bytes.Length - 4 || size % 4 != 0)
        {
            throw new TokenizerFormatException($"A precompiled charsmap of {bytes.Length} bytes has a trie of {size} bytes.");
        }

        var trie = new uint[size / 4];
        for (int i = 0; i < trie.Length; i++)
        {
            trie[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + (i * 4))..]);
        }

        return new CharsMap(trie, bytes[(4 + (int)size)..].ToArray());
    }

    /// <summary>
    /// Replacement of the shortest, or the longest, rule that the bytes begin with; its length goes to <paramref
    /// name="length"/>.
    /// </summary>
    public string? Find(ReadOnlySpan<byte> utf8, bool longest, out int length)
    {
        length = 0;
        if (_trie.Length == 0)
        {
            return null;
        }

        string? found = null;
        uint at = Offset(_trie[0]);
        for (int i = 0; i < utf8.Length && utf8[i] != 0; i++)
        {
            at ^= utf8[i];
            if (at >= _trie.Length || (_trie[at] & 0x8000_00FF) != utf8[i])
            {
                break;
            }

            uint unit = _trie[at];
            at ^= Offset(unit);
            if ((unit >> 8 & 1) != 0 && at < _trie.Length)
            {
                found = Replacement(_trie[at] & 0x7FFF_FFFF) ?? found;
                length = i + 1;
                if (!longest && found is not null)
                {
                    break;
                }
            }
        }

        return found;
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 0x200) >> 6);

    private string? Replacement(uint offset)
    {
        if (offset >= _replacements.Length)
        {
            return null;
        }

        ReadOnlySpan<byte> rest = _replacements.AsSpan((int)offset);
        int end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }
}
