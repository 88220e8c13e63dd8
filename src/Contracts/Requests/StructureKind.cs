namespace XLLM.Contracts.Requests;

/// <summary>What one part of an <see cref="OutputStructure"/> is.</summary>
public enum StructureKind
{
    /// <summary>Exactly the text of <c>Text</c>.</summary>
    Literal = 0,

    /// <summary>Exactly the special token <c>Token</c>, which text cannot write.</summary>
    Token = 1,

    /// <summary>A JSON value that satisfies the JSON Schema in <c>Text</c>; blanks may stand before it.</summary>
    JsonSchema = 2,

    /// <summary>A text that the pattern in <c>Text</c> matches as a whole (ECMA-262 syntax).</summary>
    Regex = 3,

    /// <summary>One of the texts of <c>Choices</c>.</summary>
    Choice = 4,

    /// <summary>A text of the grammar in <c>Text</c> (GBNF or EBNF, from the rule <c>root</c>).</summary>
    Ebnf = 5,

    /// <summary><c>Parts</c>, one after the other.</summary>
    Sequence = 6,

    /// <summary>One of <c>Parts</c>.</summary>
    OneOf = 7,

    /// <summary>The one part of <c>Parts</c>, between <c>Min</c> and <c>Max</c> times; Max -1 = without limit.</summary>
    Repeat = 8,

    /// <summary>
    /// Free text up to a mark and with it. The marks are <c>Parts</c>, each a literal or a token; the text ends with the first.
    /// </summary>
    Until = 9,

    /// <summary>
    /// Free text in which parts may stand. Each of <c>Parts</c> is a sequence that begins with its mark (a literal or a token); where a
    /// mark appears in the text the rest of its part has to follow, then the text is free again. Between <c>Min</c> and <c>Max</c> parts
    /// (-1 = without limit): before Min the text may not end, after Max parts it has ended.
    /// </summary>
    Triggered = 10,
}
