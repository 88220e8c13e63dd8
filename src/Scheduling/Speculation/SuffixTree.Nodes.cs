using System.Runtime.CompilerServices;

namespace XLLM.Scheduling.Speculation;

/// <summary>Nodes, their children and the hash table that finds a child by its first token.</summary>
public sealed partial class SuffixTree
{
    private const int Root = 0;
    private const int None = -1;

    /// <summary>The best child has to be looked for.</summary>
    private const int Unknown = -2;

    private readonly uint _seed;
    private Node[] _nodes = new Node[64];
    private int[] _slots = new int[128];
    private int _used;
    private int _free;

    /// <summary>Bytes of the arrays.</summary>
    public long Bytes =>
        (4L * (_text.Length + _slots.Length + _active.Length + _leaves.Length)) + ((long)Unsafe.SizeOf<Node>() * _nodes.Length);

    /// <summary>Nodes in use, the root included; at most 2 * Count + 1.</summary>
    public int NodeCount { get; private set; }

    private void ClearNodes()
    {
        Array.Clear(_slots);
        _used = 0;
        _free = None;
        NodeCount = 0;
        NewNode(0, 0, 0);
    }

    private int NewNode(int start, int length, int count)
    {
        int node = _free;
        if (node != None)
        {
            _free = _nodes[node].Next;
        }
        else
        {
            if (_used == _nodes.Length)
            {
                Grow();
            }

            node = _used++;
        }

        NodeCount++;
        _nodes[node] = new Node
        {
            Start = start,
            Length = length,
            Count = count,
            Parent = None,
            Best = None,
            FirstChild = None,
            Next = None,
            Previous = None,
        };
        return node;
    }

    private void FreeNode(int node)
    {
        _nodes[node].Next = _free;
        _free = node;
        NodeCount--;
    }

    private void Grow()
    {
        Array.Resize(ref _nodes, 2 * _nodes.Length);
        _slots = new int[2 * _nodes.Length];
        for (int node = 1; node < _used; node++)
        {
            // Nothing is free when it grows.
            AddSlot(node);
        }
    }

    /// <summary>Makes a node, whose edge is known, a child.</summary>
    private void Link(int parent, int child)
    {
        int next = _nodes[parent].FirstChild;
        _nodes[child].Parent = parent;
        _nodes[child].Previous = None;
        _nodes[child].Next = next;
        _nodes[parent].FirstChild = child;
        if (next != None)
        {
            _nodes[next].Previous = child;
        }

        AddSlot(child);
    }

    private void Unlink(int child)
    {
        RemoveSlot(child);
        (int parent, int previous, int next) = (_nodes[child].Parent, _nodes[child].Previous, _nodes[child].Next);
        if (previous == None)
        {
            _nodes[parent].FirstChild = next;
        }
        else
        {
            _nodes[previous].Next = next;
        }

        if (next != None)
        {
            _nodes[next].Previous = previous;
        }

        if (_nodes[parent].FirstChild == None)
        {
            _nodes[parent].Best = None;
        }
    }

    /// <summary>Puts <paramref name="heir"/>, which is in no list, where <paramref name="node"/> is; both edges begin alike.</summary>
    private void TakePlace(int node, int heir)
    {
        int parent = _nodes[node].Parent;
        int best = _nodes[parent].Best;
        Unlink(node);
        Link(parent, heir);
        _nodes[parent].Best = best == node ? heir : best;
    }

    /// <summary>A child has been counted up and is the latest: it is the best unless another has more.</summary>
    private void NoteCount(int parent, int child)
    {
        int best = _nodes[parent].Best;
        if (best != Unknown && (best == None || _nodes[child].Count >= _nodes[best].Count))
        {
            _nodes[parent].Best = child;
        }
    }

    /// <summary>The child with the greatest count, of equals the one that occurred last; -1 without children.</summary>
    private int BestChild(int node)
    {
        if (_nodes[node].Best == Unknown)
        {
            int best = _nodes[node].FirstChild;
            for (int child = _nodes[best].Next; child != None; child = _nodes[child].Next)
            {
                int more = _nodes[child].Count - _nodes[best].Count;
                best = more > 0 || (more == 0 && unchecked(_nodes[child].Start - _nodes[best].Start) > 0) ? child : best;
            }

            _nodes[node].Best = best;
        }

        return _nodes[node].Best;
    }

    private int Find(int parent, int token)
    {
        for (int slot = SlotFor(parent, token); _slots[slot] != 0; slot = (slot + 1) & (_slots.Length - 1))
        {
            int child = _slots[slot] - 1;
            if (_nodes[child].Parent == parent && TextAt(_nodes[child].Start) == token)
            {
                return child;
            }
        }

        return None;
    }

    private void AddSlot(int child)
    {
        int slot = SlotOf(child);
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        _slots[slot] = child + 1;
    }

    private void RemoveSlot(int child)
    {
        int mask = _slots.Length - 1;
        int hole = SlotOf(child);
        while (_slots[hole] != child + 1)
        {
            hole = (hole + 1) & mask;
        }

        // What follows in the run of full slots moves up when the hole lies between its own place and where it is.
        for (int slot = (hole + 1) & mask; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            int own = SlotOf(_slots[slot] - 1);
            if (((slot - own) & mask) >= ((slot - hole) & mask))
            {
                _slots[hole] = _slots[slot];
                hole = slot;
            }
        }

        _slots[hole] = 0;
    }

    private int SlotOf(int child) => SlotFor(_nodes[child].Parent, TextAt(_nodes[child].Start));

    // The finaliser of SplitMix64 (Steele et al., OOPSLA 2014).
    private int SlotFor(int parent, int token)
    {
        ulong x = (((ulong)(uint)parent << 32) | (uint)token) + (_seed * 0x9E3779B97F4A7C15);
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return (int)(x ^ (x >> 31)) & (_slots.Length - 1);
    }

    /// <summary>
    /// A node and the edge that leads to it. A growing leaf's <c>Length</c> is what it may reach; the edge ends with the text.
    /// </summary>
    private struct Node
    {
        /// <summary>Where the edge's tokens are in the text: their latest occurrence.</summary>
        public int Start;

        public int Length;

        /// <summary>Runs that pass or end here.</summary>
        public int Count;

        /// <summary>Runs that go on into a child.</summary>
        public int Continued;

        public int Parent;
        public int Best;
        public int FirstChild;
        public int Next;
        public int Previous;
    }
}
