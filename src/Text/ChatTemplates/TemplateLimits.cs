namespace XLLM.Text.ChatTemplates;

/// <summary>
/// What a template may use. All are counts that do not depend on the machine, so a template that passes once passes always.
/// Lengths are in UTF-16 units.
/// </summary>
public sealed record TemplateLimits
{
    /// <summary>The limits used when none are given.</summary>
    public static TemplateLimits Default { get; } = new();

    /// <summary>Length of the template's source.</summary>
    public int MaxSourceLength { get; init; } = 1 << 20;

    /// <summary>Nested blocks, parentheses and operators that the parser accepts.</summary>
    public int MaxNesting { get; init; } = 128;

    /// <summary>Nodes evaluated, loop iterations and 64-character pieces of text looked at in one rendering.</summary>
    public long MaxSteps { get; init; } = 10_000_000;

    /// <summary>Nested evaluations (macro calls, blocks, operators), and the depth of values that are compared or printed.</summary>
    public int MaxDepth { get; init; } = 1000;

    /// <summary>Length of the rendered text.</summary>
    public int MaxOutputLength { get; init; } = 1 << 24;

    /// <summary>Length of any one string.</summary>
    public int MaxStringLength { get; init; } = 1 << 24;

    /// <summary>Items of any one list, tuple or dict that the template makes, and of a range.</summary>
    public int MaxItems { get; init; } = 1 << 17;

    /// <summary>Characters and items (eight characters each) made in one rendering, whether still in use or not.</summary>
    public long MaxAllocation { get; init; } = 1L << 27;

    /// <summary>Size of an integer.</summary>
    public int MaxIntegerBits { get; init; } = 4096;
}
