namespace XLLM.Grammar.Numbers;

/// <summary>How far a JSON number has been written.</summary>
internal enum NumberPhase : byte
{
    Start,
    Minus,
    Zero,
    Integer,
    Point,
    Fraction,
    E,
    ESign,
    Exponent,
}
