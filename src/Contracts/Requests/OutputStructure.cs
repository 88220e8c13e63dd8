using System.Collections.Immutable;
using Orleans;

namespace XLLM.Contracts.Requests;

/// <summary>
/// The form that an output must have, as a tree: leaves are texts, special tokens, JSON Schemas, patterns, choices and grammars;
/// inner nodes put them together. An engine keeps it token by token. The gateway compiles it before admission, so that an engine
/// need not refuse it. Several ways to read a text may be open at once; a text is right when one of them is.
/// </summary>
[GenerateSerializer, Immutable, Alias("xllm.OutputStructure")]
public sealed record OutputStructure
{
    /// <summary>Nodes of a whole tree, at most.</summary>
    public const int MaxNodes = 4_096;

    /// <summary>Nodes above each other, at most.</summary>
    public const int MaxDepth = 16;

    [Id(0)] public required StructureKind Kind { get; init; }

    /// <summary>Text, schema, pattern or grammar; of a token the text it stands for (for messages alone).</summary>
    [Id(1)] public string Text { get; init; } = "";

    [Id(2)] public ImmutableArray<string> Choices { get; init; } = [];

    [Id(3)] public ImmutableArray<OutputStructure> Parts { get; init; } = [];

    [Id(4)] public int Min { get; init; }

    [Id(5)] public int Max { get; init; }

    /// <summary>
    /// Of a JSON Schema: properties may come in any order; false = as the schema names them, further ones last.
    /// </summary>
    [Id(6)] public bool AnyOrder { get; init; }

    /// <summary>Id of a special token.</summary>
    [Id(7)] public int Token { get; init; }

    public static OutputStructure JsonSchema(string schema, bool anyOrder = false) =>
        new() { Kind = StructureKind.JsonSchema, Text = schema, AnyOrder = anyOrder };

    /// <summary>Any JSON object.</summary>
    public static OutputStructure JsonObject() => JsonSchema("""{"type":"object"}""");

    public static OutputStructure Regex(string pattern) => new() { Kind = StructureKind.Regex, Text = pattern };

    public static OutputStructure Choice(params IEnumerable<string> choices) =>
        new() { Kind = StructureKind.Choice, Choices = [.. choices] };

    public static OutputStructure Ebnf(string grammar) => new() { Kind = StructureKind.Ebnf, Text = grammar };

    public static OutputStructure Literal(string text) => new() { Kind = StructureKind.Literal, Text = text };

    /// <summary>A mark of a model: a special token where the vocabulary has one, else its text.</summary>
    public static OutputStructure Mark(string text, int? specialToken) => specialToken is { } token
        ? new() { Kind = StructureKind.Token, Text = text, Token = token }
        : Literal(text);

    public static OutputStructure Sequence(params IEnumerable<OutputStructure> parts) =>
        new() { Kind = StructureKind.Sequence, Parts = [.. parts] };

    public static OutputStructure OneOf(params IEnumerable<OutputStructure> parts) =>
        new() { Kind = StructureKind.OneOf, Parts = [.. parts] };

    public static OutputStructure Repeat(OutputStructure part, int min, int max) =>
        new() { Kind = StructureKind.Repeat, Parts = [part], Min = min, Max = max };

    public static OutputStructure Until(params IEnumerable<OutputStructure> marks) =>
        new() { Kind = StructureKind.Until, Parts = [.. marks] };

    /// <summary>Free text with parts that are triggered by their marks (<see cref="StructureKind.Triggered"/>).</summary>
    public static OutputStructure Triggered(IEnumerable<OutputStructure> parts, int min, int max) =>
        new() { Kind = StructureKind.Triggered, Parts = [.. parts], Min = min, Max = max };

    /// <summary>Up to so many spaces, tabs and line ends.</summary>
    public static OutputStructure Blanks(int most) => Regex($$"""[ \t\r\n]{0,{{most}}}""");

    /// <summary>
    /// A structure that begins to hold after thoughts. <paramref name="open"/> null: the prompt ends inside the thoughts
    /// already, and they have to end with <paramref name="close"/>. Otherwise the output may begin with thoughts, or without.
    /// </summary>
    public static OutputStructure AfterThoughts(OutputStructure? open, OutputStructure close, OutputStructure then) => open is null
        ? Sequence(Until(close), Blanks(8), then)
        : Sequence(Repeat(Sequence(Blanks(8), open, Until(close)), 0, 1), Blanks(8), then);
}
