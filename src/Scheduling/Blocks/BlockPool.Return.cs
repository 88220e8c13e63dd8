namespace XLLM.Scheduling.Blocks;

/// <summary>Blocks that come back from a pool whose owner is gone, in place of that pool's blocks that this one owns.</summary>
public sealed partial class BlockPool
{
    private readonly HashSet<int> _leaving = [];
    private readonly Stack<int> _coming = [];

    /// <summary>Blocks that came back so far.</summary>
    public long Returned { get; private set; }

    /// <summary>
    /// Its blocks among [<paramref name="first"/>, first + <paramref name="count"/>) leave as soon as nobody holds them, and those of
    /// <paramref name="own"/> that are foreign come for them one by one; there are as many. Cached content of those that leave is
    /// forgotten, with what follows it. The answer: blocks that have not left. Again for the same blocks: tries again.
    /// </summary>
    public int Return(ReadOnlySpan<int> own, int first, int count)
    {
        List<int> leaving = [];
        for (int block = first; block < first + count; block++)
        {
            if (_states[block] != BlockState.Foreign)
            {
                leaving.Add(block);
            }
        }

        if (leaving.Count > 0 && !_leaving.Contains(leaving[0]))
        {
            Expect(own, leaving);
        }

        ForgetLeaving();
        return leaving.Count(block => _states[block] != BlockState.Foreign);
    }

    private void Expect(ReadOnlySpan<int> own, List<int> leaving)
    {
        List<int> coming = [];
        foreach (int block in own)
        {
            if (_states[block] == BlockState.Foreign)
            {
                coming.Add(block);
            }
        }

        if (coming.Count != leaving.Count)
        {
            throw new InvalidOperationException($"{coming.Count} blocks cannot come back for {leaving.Count}.");
        }

        _leaving.UnionWith(leaving);
        coming.ForEach(_coming.Push);
        foreach (int block in leaving.Where(block => _states[block] == BlockState.Free))
        {
            TakeFree(block);
            AddFree(block);
        }
    }

    // From the one unused for longest on: children come before their parents. Nobody holds what follows a block that nobody holds.
    private void ForgetLeaving()
    {
        Dictionary<int, bool> known = [];
        for (int at = _oldest; at != None && _leaving.Count > 0;)
        {
            int next = _newer[at];
            if (IsLeavingOrFollows(at, known))
            {
                Unlink(at);
                Forget(at);
                _states[at] = BlockState.Free;
                AddFree(at);
            }

            at = next;
        }
    }

    private bool IsLeavingOrFollows(int block, Dictionary<int, bool> known)
    {
        List<int> path = [];
        bool result = false;
        for (int at = block; at != PrefixIndex.NoParent && !known.TryGetValue(at, out result); at = _index.ParentOf(at))
        {
            path.Add(at);
            if (_leaving.Contains(at))
            {
                result = true;
                break;
            }
        }

        foreach (int at in path)
        {
            known[at] = result;
        }

        return result;
    }

    /// <summary>The block that takes the place of one that nobody holds any more and that is in no list: itself, unless it leaves.</summary>
    private int Replaced(int block)
    {
        if (_leaving.Count == 0 || !_leaving.Remove(block))
        {
            return block;
        }

        int own = _coming.Pop();
        _states[own] = _states[block];
        _states[block] = BlockState.Foreign;

        // Whoever owned it may have left its name.
        Tags?.Clear(own);
        Returned++;
        return own;
    }
}
