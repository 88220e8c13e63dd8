namespace XLLM.Grammar.Text;

/// <summary>
/// Trie of distinct names over code points. Names are numbered in code point order, so the names below a node are a range of
/// numbers. Node 0 is the root. Immutable.
/// </summary>
internal sealed class NameTrie
{
    private readonly List<Node> _nodes = [];

    public NameTrie(IEnumerable<string> names)
    {
        int[][] points = [.. names.Distinct(StringComparer.Ordinal).Select(n => CodePoints.Of(n).ToArray())];
        Array.Sort(points, static (a, b) => a.AsSpan().SequenceCompareTo(b));
        Names = [.. points.Select(ToText)];
        Grow(points, 0, points.Length, 0);
    }

    /// <summary>The names by number.</summary>
    public string[] Names { get; }

    public int Count => Names.Length;

    /// <summary>The child by a code point, or -1; -1 stays -1.</summary>
    public int Step(int node, int codePoint)
    {
        if (node < 0)
        {
            return -1;
        }

        Node at = _nodes[node];
        int[] keys = at.Keys;
        if (keys.Length == 1)
        {
            return keys[0] == codePoint ? at.Children[0] : -1;
        }

        int index = Array.BinarySearch(keys, codePoint);
        return index < 0 ? -1 : at.Children[index];
    }

    /// <summary>Number of the name that ends at a node, or -1.</summary>
    public int NameAt(int node) => node < 0 ? -1 : _nodes[node].Name;

    /// <summary>First number and one past the last of the names at or below a node.</summary>
    public (int First, int End) Range(int node) => node < 0 ? (0, 0) : (_nodes[node].First, _nodes[node].End);

    /// <summary>Code points by which a node goes on, ascending.</summary>
    public ReadOnlySpan<int> Keys(int node) => node < 0 ? [] : _nodes[node].Keys;

    public int Find(string name)
    {
        int node = 0;
        foreach (int codePoint in CodePoints.Of(name))
        {
            node = Step(node, codePoint);
        }

        return NameAt(node);
    }

    private static string ToText(int[] points) => string.Concat(points.Select(p =>
        p is >= 0xD800 and < 0xE000 ? ((char)p).ToString() : char.ConvertFromUtf32(p)));

    /// <summary>Breadth first, so that long names need no stack.</summary>
    private void Grow(int[][] points, int first, int end, int depth)
    {
        var queue = new Queue<(int Node, int First, int End, int Depth)>();
        _nodes.Add(new Node());
        queue.Enqueue((0, first, end, depth));
        while (queue.TryDequeue(out (int Node, int First, int End, int Depth) item))
        {
            Node node = _nodes[item.Node];
            node.First = item.First;
            node.End = item.End;
            int at = item.First;
            if (at < item.End && points[at].Length == item.Depth)
            {
                node.Name = at++;
            }

            List<int> keys = [], children = [];
            while (at < item.End)
            {
                int key = points[at][item.Depth];
                int stop = at + 1;
                while (stop < item.End && points[stop][item.Depth] == key)
                {
                    stop++;
                }

                keys.Add(key);
                children.Add(_nodes.Count);
                _nodes.Add(new Node());
                queue.Enqueue((_nodes.Count - 1, at, stop, item.Depth + 1));
                at = stop;
            }

            node.Keys = [.. keys];
            node.Children = [.. children];
        }
    }

    private sealed class Node
    {
        public int[] Keys { get; set; } = [];

        public int[] Children { get; set; } = [];

        public int Name { get; set; } = -1;

        public int First { get; set; }

        public int End { get; set; }
    }
}
