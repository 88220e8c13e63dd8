using System.Security.Cryptography;
using System.Text;
using XLLM.Contracts.Requests;

namespace XLLM.Grammar.Structures;

/// <summary>Names a structure by all it says: equal for equal trees, different (SHA-256) for others.</summary>
internal static class StructureKey
{
    /// <summary>The name, and the bytes of all texts.</summary>
    /// <exception cref="GrammarRefusedException">The tree is too deep or has too many nodes.</exception>
    public static (string Key, long Size) Of(OutputStructure structure)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int nodes = 0;
        long size = 0;
        Add(structure, hash, 1, ref nodes, ref size);
        return (Convert.ToHexString(hash.GetHashAndReset()), size);
    }

    private static void Add(OutputStructure part, IncrementalHash hash, int depth, ref int nodes, ref long size)
    {
        if (depth > OutputStructure.MaxDepth || ++nodes > OutputStructure.MaxNodes)
        {
            throw new GrammarRefusedException(
                "#", "limit",
                $"a structure has at most {OutputStructure.MaxNodes} parts, {OutputStructure.MaxDepth} above each other");
        }

        ReadOnlySpan<string> choices = part.Choices.AsSpan();
        ReadOnlySpan<OutputStructure> parts = part.Parts.AsSpan();
        string head = $"{(int)part.Kind} {part.Min} {part.Max} {part.AnyOrder} {part.Token} {choices.Length} {parts.Length}";
        Add(head, hash, ref size);
        Add(part.Kind == StructureKind.Token ? "" : part.Text, hash, ref size);
        foreach (string choice in choices)
        {
            Add(choice, hash, ref size);
        }

        foreach (OutputStructure inner in parts)
        {
            Add(inner, hash, depth + 1, ref nodes, ref size);
        }
    }

    private static void Add(string text, IncrementalHash hash, ref long size)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        size += bytes.Length;
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }
}
