namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// Which layers of which blocks are there: one bit each, block by block. Also as bytes for the other side. One thread at a time.
/// </summary>
internal sealed class KvArrived(int blocks, int layers)
{
    private readonly byte[] _bits = new byte[BytesFor(blocks, layers)];

    public int Blocks => blocks;

    /// <summary>Layers of blocks that are not there.</summary>
    public int Missing { get; private set; } = checked(blocks * layers);

    public ReadOnlySpan<byte> Bits => _bits;

    public static int BytesFor(int blocks, int layers) => checked((int)((((long)blocks * layers) + 7) / 8));

    /// <summary>What the other side says it has; exactly as many bytes as it takes.</summary>
    public static KvArrived Of(int blocks, int layers, ReadOnlySpan<byte> bits)
    {
        KvArrived arrived = new(blocks, layers);
        for (int bit = 0; bit < blocks * layers; bit++)
        {
            if ((bits[bit >> 3] & (1 << (bit & 7))) != 0)
            {
                arrived.Set(bit);
            }
        }

        return arrived;
    }

    public bool Has(int block, int layer)
    {
        int bit = (block * layers) + layer;
        return (_bits[bit >> 3] & (1 << (bit & 7))) != 0;
    }

    public bool HasAny(int block, int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            if (Has(block, i))
            {
                return true;
            }
        }

        return false;
    }

    public void Add(int block, int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            Set((block * layers) + i);
        }
    }

    /// <summary>Leading blocks that are there in all layers.</summary>
    public int Leading()
    {
        for (int block = 0; block < blocks; block++)
        {
            for (int layer = 0; layer < layers; layer++)
            {
                if (!Has(block, layer))
                {
                    return block;
                }
            }
        }

        return blocks;
    }

    private void Set(int bit)
    {
        int mask = 1 << (bit & 7);
        if ((_bits[bit >> 3] & mask) == 0)
        {
            _bits[bit >> 3] |= (byte)mask;
            Missing--;
        }
    }
}
