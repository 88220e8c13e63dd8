namespace XLLM.Scheduling.Prefix;

/// <summary>Blocks from the one that was touched longest ago to the newest.</summary>
internal sealed class OwnedBlockList
{
    private OwnedBlock? _newest;

    public OwnedBlock? Oldest { get; private set; }

    public int Count { get; private set; }

    /// <summary>Puts a block that is not in the list at the new end.</summary>
    public void Add(OwnedBlock block)
    {
        block.Older = _newest;
        block.Newer = null;
        if (_newest is null)
        {
            Oldest = block;
        }
        else
        {
            _newest.Newer = block;
        }

        _newest = block;
        Count++;
    }

    public void Remove(OwnedBlock block)
    {
        if (block.Older is null)
        {
            Oldest = block.Newer;
        }
        else
        {
            block.Older.Newer = block.Newer;
        }

        if (block.Newer is null)
        {
            _newest = block.Older;
        }
        else
        {
            block.Newer.Older = block.Older;
        }

        block.Older = block.Newer = null;
        Count--;
    }

    /// <summary>Moves a block of the list to the new end.</summary>
    public void Touch(OwnedBlock block)
    {
        if (_newest != block)
        {
            Remove(block);
            Add(block);
        }
    }
}
