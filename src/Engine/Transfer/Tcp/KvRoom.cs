namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// Blocks of the pool that may be held for KV that is on its way here: others cannot make this engine give up more than a share
/// of its pool. Any thread.
/// </summary>
internal sealed class KvRoom(int blocks)
{
    private int _left = blocks;

    /// <summary>Takes up to so many.</summary>
    public int Take(int wanted)
    {
        while (true)
        {
            int left = Volatile.Read(ref _left);
            int taken = Math.Min(wanted, left);
            if (Interlocked.CompareExchange(ref _left, left - taken, left) == left)
            {
                return taken;
            }
        }
    }

    public void Return(int taken) => Interlocked.Add(ref _left, taken);
}
