using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace XLLM.Engine.Transfer;

/// <summary>
/// Exchanges a pool offers, in its shared memory. Each has one word that decides whose the blocks are: the receiver writes what it
/// gives in return and then turns Open into Committed; the giver turns Open into Aborted when it does not want to wait any more.
/// Only one of the two succeeds, and the word stays readable when the other process is dead. Any thread of either process.
/// </summary>
internal sealed unsafe class ExchangeTable(nint memory)
{
    /// <summary>Most blocks of one exchange.</summary>
    public const int MostBlocks = 1_024;

    private const int Slots = 32;
    private const int Unused = 0;
    private const int Filling = 1;
    private const int Open = 2;
    private const int Committed = 3;
    private const int Aborted = 4;
    private const int HeaderBytes = 64;
    private const long SlotBytes = HeaderBytes + (2 * sizeof(long) * (long)MostBlocks);

    /// <summary>Bytes of a table.</summary>
    public const long Bytes = Slots * SlotBytes;

    /// <summary>Offers blocks; -1 when all places are taken. The giver.</summary>
    public int Offer(ReadOnlySpan<PoolBlock> given)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(given.Length, MostBlocks);
        for (int slot = 0; slot < Slots; slot++)
        {
            if (Interlocked.CompareExchange(ref At(slot)->State, Filling, Unused) == Unused)
            {
                At(slot)->Count = given.Length;
                for (int i = 0; i < given.Length; i++)
                {
                    Given(slot)[i] = given[i].Pack();
                }

                Volatile.Write(ref At(slot)->State, Open);
                return slot;
            }
        }

        return -1;
    }

    /// <summary>What is offered; null when the slot has no open offer. The receiver.</summary>
    public ImmutableArray<PoolBlock>? Read(int slot)
    {
        if ((uint)slot >= Slots || Volatile.Read(ref At(slot)->State) != Open || (uint)At(slot)->Count > MostBlocks)
        {
            return null;
        }

        return Unpack(Given(slot), At(slot)->Count);
    }

    /// <summary>Gives as many blocks in return and makes the exchange final. False = the giver has withdrawn it. The receiver.</summary>
    public bool TryCommit(int slot, ReadOnlySpan<PoolBlock> received)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(received.Length, At(slot)->Count);
        for (int i = 0; i < received.Length; i++)
        {
            Received(slot)[i] = received[i].Pack();
        }

        return Interlocked.CompareExchange(ref At(slot)->State, Committed, Open) == Open;
    }

    /// <summary>
    /// Withdraws the offer unless it is final, and frees the slot: what was received when it is, else null. The giver, once.
    /// </summary>
    public ImmutableArray<PoolBlock>? Settle(int slot)
    {
        bool aborted = Interlocked.CompareExchange(ref At(slot)->State, Aborted, Open) == Open;
        ImmutableArray<PoolBlock>? received = aborted ? null : Unpack(Received(slot), At(slot)->Count);
        Volatile.Write(ref At(slot)->State, Unused);
        return received;
    }

    private static ImmutableArray<PoolBlock> Unpack(long* packed, int count)
    {
        ImmutableArray<PoolBlock>.Builder blocks = ImmutableArray.CreateBuilder<PoolBlock>(count);
        for (int i = 0; i < count; i++)
        {
            blocks.Add(PoolBlock.Unpack(packed[i]));
        }

        return blocks.MoveToImmutable();
    }

    private static Slot* AtOf(nint memory, int slot) => (Slot*)(memory + (nint)(slot * SlotBytes));

    private Slot* At(int slot) => AtOf(memory, slot);

    private long* Given(int slot) => (long*)((byte*)At(slot) + HeaderBytes);

    private long* Received(int slot) => Given(slot) + MostBlocks;

    [StructLayout(LayoutKind.Sequential)]
    private struct Slot
    {
        public int State;
        public int Count;
    }
}
