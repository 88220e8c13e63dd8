namespace XLLM.Scheduling.Blocks;

/// <summary>Blocks that go to another pool while as many come from there.</summary>
public sealed partial class BlockPool
{
    /// <summary>
    /// A block that <paramref name="fits"/>, with one reference and undefined content, or -1: a free one, else the one unused for
    /// longest that nothing in the prefix index follows.
    /// </summary>
    public int AllocateWhere(Func<int, bool> fits)
    {
        ArgumentNullException.ThrowIfNull(fits);
        for (int i = _freeCount - 1; i >= 0; i--)
        {
            if (fits(_free[i]))
            {
                return Allocate(_free[i]);
            }
        }

        for (int at = _oldest; at != None; at = _newer[at])
        {
            if (fits(at) && _index.ChildrenOf(at) == 0 && !_leaving.Contains(at))
            {
                Unlink(at);
                Forget(at);
                _states[at] = BlockState.Allocated;
                _refs[at] = 1;
                Pages?.Hold(at);
                return at;
            }
        }

        return None;
    }

    /// <summary>
    /// Takes a held block out of the prefix index, so that it is its one holder's alone. False when somebody else holds it, or
    /// another indexed block follows it, or it is about to leave.
    /// </summary>
    public bool TryForget(int block)
    {
        if (_states[block] != BlockState.Allocated || _refs[block] != 1 || !_index.Has(block) || _index.ChildrenOf(block) > 0
            || _leaving.Contains(block))
        {
            return false;
        }

        Forget(block);
        return true;
    }

    /// <summary>
    /// The block is another pool's from now on, and the block <paramref name="gained"/> is this one's, with one reference. The
    /// block given has one holder and is not in the prefix index.
    /// </summary>
    public void Exchange(int given, int gained)
    {
        if (_states[given] != BlockState.Allocated || _refs[given] != 1 || _index.Has(given) || _states[gained] != BlockState.Foreign)
        {
            throw new InvalidOperationException(
                $"Block {given} ({_states[given]}, {_refs[given]} holders) cannot be given for {gained} ({_states[gained]}).");
        }

        _refs[given] = 0;
        _states[given] = BlockState.Foreign;
        _refs[gained] = 1;
        _states[gained] = BlockState.Allocated;
        Exchanged++;
    }

    /// <summary>Whether the block is another pool's.</summary>
    public bool IsForeign(int block) => _states[block] == BlockState.Foreign;

    /// <summary>Blocks exchanged so far.</summary>
    public long Exchanged { get; private set; }
}
