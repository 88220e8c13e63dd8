namespace XLLM.Grammar.Structures;

/// <summary>What a node of a structure does.</summary>
internal enum NodeKind : byte
{
    /// <summary>Takes its bytes.</summary>
    Literal,

    /// <summary>Takes a text of its machine.</summary>
    Inner,
    Sequence,
    OneOf,
    Repeat,

    /// <summary>Takes free text up to a mark, and the mark.</summary>
    Until,

    /// <summary>Takes free text with parts that begin with marks.</summary>
    Triggered,
}
