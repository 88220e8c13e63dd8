using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Transfer.Tcp;

/// <summary>
/// Checksum of a payload that can be made while it comes: XXH3 of pieces of 64 KiB, each keyed by the one before, the first by the
/// connection's key. 0 for no bytes. One thread.
/// </summary>
internal struct KvSum(ulong key)
{
    private const int PieceBytes = 64 << 10;

    private ulong _key = key;
    private int _summed;

    public readonly ulong Value => _summed == 0 ? 0 : _key;

    /// <summary>The payload as far as it has come.</summary>
    public void Add(ReadOnlySpan<byte> payload, bool isAll)
    {
        while (payload.Length - _summed is var left && (left >= PieceBytes || (isAll && left > 0)))
        {
            int piece = Math.Min(left, PieceBytes);
            _key = Xxh3.Hash128(payload.Slice(_summed, piece), _key).Low;
            _summed += piece;
        }
    }
}
