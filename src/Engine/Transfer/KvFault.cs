namespace XLLM.Engine.Transfer;

/// <summary>Why a transfer, or a connection, ended as it did. The numbers go over the wire.</summary>
public enum KvFault : byte
{
    /// <summary>All came.</summary>
    None = 0,

    /// <summary>The connection was closed or broke.</summary>
    Broken = 1,

    /// <summary>Nothing was heard for too long.</summary>
    Silent = 2,

    /// <summary>The lease is unknown here, used, or has expired.</summary>
    NoLease = 3,

    /// <summary>Nobody wants it any more.</summary>
    Cancelled = 4,

    /// <summary>The sender could not compute what it had promised, or has not got it.</summary>
    NoContent = 5,

    /// <summary>No blocks or no place for another transfer.</summary>
    NoRoom = 6,

    /// <summary>Too many payloads came damaged.</summary>
    Damaged = 7,

    /// <summary>The other side has another cluster secret.</summary>
    WrongSecret = 8,

    /// <summary>The other side is, or takes this one for, another instance or another epoch of it.</summary>
    WrongEpoch = 9,

    /// <summary>KV of the two sides has not the same shape, or not the same weights.</summary>
    WrongLayout = 10,

    /// <summary>The other side speaks another version of the protocol.</summary>
    WrongVersion = 11,

    /// <summary>What came is not the protocol: a length, count or index out of range, a header that does not check.</summary>
    Garbage = 12,

    /// <summary>The other side sent more than it was allowed to, or does not read its answers.</summary>
    Flooded = 13,

    /// <summary>It did not connect in time.</summary>
    Unreachable = 14,
}
