namespace XLLM.Scheduling.Blocks;

/// <summary>
/// The blocks of one sequence in order of position; owned by the sequence, holds one reference of each. The memory it hands
/// out is valid until the table next changes. One thread.
/// </summary>
public sealed class BlockTable
{
    private int[] _blocks = [];

    public int Count { get; private set; }

    /// <summary>Block ids, ready for a step.</summary>
    public ReadOnlyMemory<int> Blocks => _blocks.AsMemory(0, Count);

    public int this[int index] => _blocks.AsSpan(0, Count)[index];

    /// <summary>Makes room for so many blocks.</summary>
    public void Reserve(int blocks)
    {
        if (_blocks.Length < blocks)
        {
            Array.Resize(ref _blocks, blocks);
        }
    }

    public void Add(int block)
    {
        if (Count == _blocks.Length)
        {
            Array.Resize(ref _blocks, Math.Max(8, _blocks.Length * 2));
        }

        _blocks[Count++] = block;
    }

    /// <summary>Puts another block with the same content at a place.</summary>
    public void Replace(int index, int block) => _blocks.AsSpan(0, Count)[index] = block;

    /// <summary>Drops the last block, whose reference the caller has released.</summary>
    public void RemoveLast() => Count--;

    public void Clear() => Count = 0;
}
