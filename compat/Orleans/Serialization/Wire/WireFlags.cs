namespace Orleans.Serialization;

/// <summary>High four bits of a value's first byte.</summary>
[Flags]
internal enum WireFlags : byte
{
    None = 0,

    /// <summary>A type follows: 0 and a name, or the number (from 1) of a type named before.</summary>
    Typed = 0x10,

    /// <summary>The object gets the next reference number.</summary>
    Tracked = 0x20,
}
