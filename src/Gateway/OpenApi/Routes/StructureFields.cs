using System.Text.Json.Nodes;
using XLLM.Gateway.OpenAi;

namespace XLLM.Gateway.OpenApi.Routes;

/// <summary>Which form an answer must have, and tools whose calls have theirs. What cannot be kept exactly is refused with its path.</summary>
internal static class StructureFields
{
    private const int MaxName = 256;
    private const string Depends = "what can be kept exactly, and how it goes with other fields";

    /// <summary>OpenAI's, and what vLLM, llama.cpp and SGLang call it; at most one of them.</summary>
    public static Field[] OfText =>
    [
        new("response_format", Typed(nested: true)),
        new("structured_outputs", Free(Schema.Input("vLLM's; one of them.",
        [
            .. OfKinds("json", "regex", "choice", "grammar", "json_object"),
            AnyOrder(),
        ], "structural_tag", "whitespace_pattern", "disable_any_whitespace", "disable_additional_properties"))),
        .. new (string Name, string Kind)[]
        {
            ("guided_json", "json"), ("guided_regex", "regex"), ("guided_choice", "choice"), ("guided_grammar", "grammar"),
            ("json_schema", "json"), ("grammar", "grammar"), ("regex", "regex"), ("ebnf", "grammar"),
        }.Select(x => new Field(x.Name, OfKind(x.Kind))),
        new("modalities", Schema.List("Kinds of output.", Schema.Constant("text"), 8)),
    ];

    /// <summary>A form by its type; in responses the schema lies beside the type, in chats under 'json_schema'.</summary>
    public static JsonObject Typed(bool nested)
    {
        Field[] schema =
        [
            new("name", Schema.Text("", MaxName, 1), true),
            new("strict", Schema.Flag("It is kept in any case.")),
            new("schema", OfKind("json"), !nested),
            AnyOrder(),
        ];
        return Free(Schema.Any(
            "Form of the output.",
            Schema.Input("", [new("type", Schema.Constant("text"), true)]),
            Schema.Input("", [new("type", Schema.Constant("json_object"), true), new("schema", OfKind("json")), AnyOrder()]),
            nested
                ? Schema.Input("", [new("type",
                    Schema.Constant("json_schema"), true), new("json_schema", Schema.Input("", schema), true)])
                : Schema.Input("", [new("type", Schema.Constant("json_schema"), true), .. schema]),
            Schema.Input("", [new("type", Schema.Constant("regex"), true), new("regex", OfKind("regex"), true)]),
            Schema.Input("", [new("type", Schema.Constant("ebnf"), true), new("ebnf", OfKind("grammar"), true)]),
            Schema.Input("", [new("type", Schema.Constant("grammar"), true), new("grammar", OfKind("grammar"), true)])));
    }

    /// <summary>A schema's value: an object, or a text of it.</summary>
    public static JsonObject OfKind(string kind) => Free(kind switch
    {
        "json" => Schema.Any("A JSON schema, or a text of one.", Schema.Map(""), Schema.Text("").With("examples", new JsonArray("{}"))),
        "regex" => Schema.Text("A regular expression.").With("examples", new JsonArray("[a-z]{1,3}")),
        "choice" => Schema.List("Texts, one of which is the answer.", Schema.Text("").With("x-depends", Depends), 4096, 1),
        "grammar" => Schema.Text("A grammar in EBNF.").With("examples", new JsonArray("root ::= \"a\" | \"b\"")),
        _ => Schema.Flag("Any JSON object."),
    });

    /// <summary>Marks what decides beside the schema.</summary>
    public static JsonObject Free(JsonObject schema) => schema.With("x-depends", Depends);

    /// <summary>Most tokens of thoughts.</summary>
    public static Field ThinkingBudget() => new(
        "thinking_token_budget",
        Schema.Integer("Most tokens of thoughts, their closing mark included.", 0, GenerationParser.AnyTokenCount).With("x-depends", "the model's template"));

    /// <summary>Which tools are called.</summary>
    public static JsonObject ToolChoice(bool nested)
    {
        Field[] named = nested
            ? [new("type", Schema.Constant("function"), true), new("function", Schema.Input("", [Name()]), true)]
            : [new("type", Schema.Constant("function"), true), Name()];
        Field[] allowed =
        [
            new("mode", Schema.Choice("", "none", "auto", "required"), true),
            new("tools",
                Schema.List("", Schema.Input("", nested ? [new("function", Schema.Input("", [Name()]), true)] : [Name()]), 1024, 1), true),
        ];
        return Free(Schema.Any(
            "Whether and which tools are called; those it names must be there.",
            Schema.Choice("", "none", "auto", "required"),
            Schema.Input("A tool that is called.", named),
            nested
                ? Schema.Input("Tools of which to choose.", [new("type",
                    Schema.Constant("allowed_tools"), true), new("allowed_tools", Schema.Input("", allowed), true)])
                : Schema.Input("Tools of which to choose.", [new("type", Schema.Constant("allowed_tools"), true), .. allowed])));
    }

    private static Field Name() => new("name", Schema.Text("", MaxName), true);

    private static Field AnyOrder() => new("any_order", Schema.Flag("Properties may come in any order."));

    private static IEnumerable<Field> OfKinds(params string[] kinds) => kinds.Select(k => new Field(k, OfKind(k)));
}
