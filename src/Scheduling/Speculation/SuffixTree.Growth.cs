namespace XLLM.Scheduling.Speculation;

/// <summary>How runs grow by a token, and how the oldest leaves.</summary>
public sealed partial class SuffixTree
{
    /// <summary>
    /// Takes the run that ends at a node one token further. Returns the node where it ends now, or -1 when the longer run is
    /// new: then it is a leaf from here on.
    /// </summary>
    private int Advance(int node, int origin, int position, int token)
    {
        int depth = unchecked(position - origin);
        if (node != Root && _nodes[node].Count == 1)
        {
            // The others that came this way have left the window.
            _nodes[node].Length += MaxDepth - depth;
            return BecomeLeaf(origin, node);
        }

        int child = Find(node, token);
        if (child == None)
        {
            return BecomeLeaf(origin, AddLeaf(node, position, MaxDepth - depth));
        }

        bool aloneHere = node != Root
            && _nodes[node].Continued == _nodes[child].Count && _nodes[node].Count == _nodes[child].Count + 1;
        if (_nodes[child].Length > 1)
        {
            return aloneHere ? Slide(node, child) : Split(node, child, position);
        }

        _nodes[child].Count++;
        if (aloneHere)
        {
            Absorb(node, child);
        }
        else
        {
            _nodes[child].Start = position;
            _nodes[node].Continued++;
            NoteCount(node, child);
        }

        return child;
    }

    private int BecomeLeaf(int origin, int leaf)
    {
        _leaves[origin & (_leaves.Length - 1)] = leaf;
        return None;
    }

    private int AddLeaf(int node, int position, int length)
    {
        int leaf = NewNode(position, length, count: 1);
        _nodes[node].Continued++;
        Link(node, leaf);
        NoteCount(node, leaf);
        return leaf;
    }

    // The run is the only one that ends at the node, so the border between node and child may move with it.
    private int Slide(int node, int child)
    {
        RemoveSlot(child);
        _nodes[node].Length++;
        _nodes[child].Start++;
        _nodes[child].Length--;
        AddSlot(child);
        return node;
    }

    private int Split(int node, int child, int position)
    {
        int upper = NewNode(position, 1, _nodes[child].Count + 1);
        _nodes[upper].Continued = _nodes[child].Count;
        _nodes[node].Continued++;
        TakePlace(child, upper);
        _nodes[child].Start++;
        _nodes[child].Length--;
        Link(upper, child);
        _nodes[upper].Best = child;
        NoteCount(node, upper);
        return upper;
    }

    /// <summary>The only child, which every run through the node goes to, takes its place and edge; the node goes.</summary>
    private void Absorb(int node, int child)
    {
        RemoveSlot(child);
        _nodes[child].Start = _nodes[node].Start;
        _nodes[child].Length += _nodes[node].Length;
        TakePlace(node, child);
        FreeNode(node);
    }

    private void DropOldest()
    {
        unchecked
        {
            int origin = _first++;
            int textEnd = _ends.Count > 0 ? _ends.Peek() : _end;
            int length = Math.Min(MaxDepth, textEnd - origin);
            int node = Root;
            _nodes[Root].Count--;
            for (int depth = 0; depth < length;)
            {
                int child = Find(node, TextAt(origin + depth));
                depth += _nodes[child].Length;
                _nodes[node].Continued--;
                _nodes[node].Best = _nodes[node].Best == child ? Unknown : _nodes[node].Best;
                if (--_nodes[child].Count == 0)
                {
                    Unlink(child);
                    FreeNode(child);
                    break;
                }

                node = child;
            }

            CompressAfterLoss(node);
            if (_ends.Count > 0 && _ends.Peek() == _first)
            {
                _ends.Dequeue();
            }
        }
    }

    private void CompressAfterLoss(int node)
    {
        int child = _nodes[node].FirstChild;
        if (node != Root && child != None && _nodes[child].Next == None && _nodes[node].Count == _nodes[child].Count)
        {
            Absorb(node, child);
        }
    }
}
