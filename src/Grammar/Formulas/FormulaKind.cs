namespace XLLM.Grammar.Formulas;

internal enum FormulaKind : byte
{
    False,
    True,
    Atom,
    And,
    Or,
    Not,

    /// <summary>Exactly one of the arguments holds.</summary>
    One,
}
