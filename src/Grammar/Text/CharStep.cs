namespace XLLM.Grammar.Text;

/// <summary>Result of one byte of a JSON string.</summary>
internal enum CharStep
{
    Refused,

    /// <summary>Inside a character or escape.</summary>
    Pending,

    /// <summary>A code point is complete.</summary>
    Complete,

    /// <summary>The closing quote.</summary>
    Closed,
}
