using XLLM.Grammar.Machine;

namespace XLLM.Grammar.Tokens;

/// <summary>Runs a machine over a trie of tokens, each common prefix once.</summary>
internal static class TokenWalk
{
    /// <summary>Sets the bit of every token that the machine takes from the cursor.</summary>
    public static void Fill(ByteMachine machine, in Cursor start, TokenTrie trie, Span<uint> mask)
    {
        Cursor[] path = System.Buffers.ArrayPool<Cursor>.Shared.Rent(trie.MaxDepth + 1);
        path[0] = start;
        byte[] bytes = trie.Bytes, depths = trie.Depth;
        int[] ends = trie.End, entries = trie.Entries, own = trie.OwnEnd;
        int node = 1;
        while (node < bytes.Length)
        {
            int depth = depths[node];
            path[depth] = path[depth - 1];
            if (!machine.Step(ref path[depth], bytes[node]))
            {
                node = ends[node];
                continue;
            }

            for (int e = trie.FirstEntry(node); e < own[node]; e++)
            {
                TokenTables.Set(mask, entries[e]);
            }

            node++;
        }

        System.Buffers.ArrayPool<Cursor>.Shared.Return(path, true);
    }
}
