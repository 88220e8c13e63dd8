namespace XLLM.Text.Tokenizers.Models;

/// <summary>All tokens that a text has at a position, by a trie over UTF-16 units.</summary>
internal sealed class PieceTrie
{
    private readonly Dictionary<long, int> _edges = [];
    private readonly List<int> _ids = [-1];

    public void Add(string token, int id)
    {
        int node = 0;
        foreach (char c in token)
        {
            if (!_edges.TryGetValue(Key(node, c), out int next))
            {
                next = _ids.Count;
                _ids.Add(-1);
                _edges[Key(node, c)] = next;
            }

            node = next;
        }

        _ids[node] = id;
    }

    /// <summary>Goes from a node (0 is the root) along one unit; false where no token goes on so.</summary>
    public bool TryStep(ref int node, char c, out int id)
    {
        bool found = _edges.TryGetValue(Key(node, c), out node);
        id = found ? _ids[node] : -1;
        return found;
    }

    private static long Key(int node, char c) => ((long)node << 16) | c;
}
