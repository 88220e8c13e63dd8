namespace XLLM.Text.ToolCalls;

/// <summary>Where a <see cref="JsonScanner"/> is.</summary>
internal enum JsonScanState
{
    Value = 0,
    ValueOrEnd = 1,
    Key = 2,
    KeyOrEnd = 3,
    Colon = 4,
    AfterValue = 5,
    Text = 6,
    Escape = 7,
    Hex = 8,
    Minus = 9,
    Zero = 10,
    Digits = 11,
    Point = 12,
    Fraction = 13,
    Exponent = 14,
    ExponentSign = 15,
    ExponentDigits = 16,
    Literal = 17,
    Done = 18,
}
