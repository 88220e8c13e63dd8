namespace XLLM.Grammar.Formulas;

/// <summary>What a JSON value is, as its first character tells.</summary>
internal enum ValueKind : byte
{
    Null,
    False,
    True,
    Number,
    String,
    Array,
    Object,
}
