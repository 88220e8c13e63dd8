namespace XLLM.Grammar.Machine;

/// <summary>What is being written.</summary>
internal enum Mode : byte
{
    /// <summary>Before a value.</summary>
    Value,
    Text,
    Number,
    Literal,

    /// <summary>After <c>{</c>.</summary>
    ObjectOpen,

    /// <summary>After a comma in an object.</summary>
    KeyStart,
    Key,
    AfterKey,
    AfterMember,

    /// <summary>After <c>[</c>.</summary>
    ArrayOpen,
    AfterItem,
    Done,
}
