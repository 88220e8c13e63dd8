namespace Orleans.Serialization;

/// <summary>
/// Low four bits of a value's first byte. Each kind says where its value ends, so that unknown members can be skipped without
/// knowing their type.
/// </summary>
internal enum WireKind : byte
{
    Null = 0,

    /// <summary>Variable-length number of a tracked object written before.</summary>
    Reference = 1,

    /// <summary>Variable-length unsigned number.</summary>
    Unsigned = 2,

    /// <summary>Variable-length zigzag number.</summary>
    Signed = 3,
    Fixed32 = 4,
    Fixed64 = 5,
    Fixed128 = 6,

    /// <summary>Length, then so many bytes.</summary>
    Bytes = 7,

    /// <summary>Fields, each (id difference + 1, value); 1 = next inheritance level; 0 = end.</summary>
    Object = 8,

    /// <summary>Count, then so many values.</summary>
    Sequence = 9,
}
