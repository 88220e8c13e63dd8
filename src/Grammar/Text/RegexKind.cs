namespace XLLM.Grammar.Text;

internal enum RegexKind : byte
{
    Nothing,
    Epsilon,
    Set,
    Concat,
    Or,
    And,
    Not,
    Repeat,
}
