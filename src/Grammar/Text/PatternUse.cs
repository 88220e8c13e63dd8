namespace XLLM.Grammar.Text;

/// <summary>What a pattern is for.</summary>
internal enum PatternUse
{
    /// <summary>In a JSON Schema: some part of the text.</summary>
    Search,

    /// <summary>In a JSON Schema: the whole text.</summary>
    Whole,

    /// <summary>By itself: the whole text, with the classes of ECMA-262.</summary>
    Ecma,
}
