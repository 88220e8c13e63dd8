using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.Structure;

/// <summary>
/// Reads the fields that say which form an answer must have: OpenAI's <c>response_format</c> and <c>text.format</c>, Anthropic's
/// <c>output_config.format</c>, vLLM's <c>structured_outputs</c> and <c>guided_*</c>, llama.cpp's <c>grammar</c> and <c>json_schema</c>,
/// SGLang's <c>regex</c> and <c>ebnf</c>.
/// </summary>
internal static class OutputFormatParser
{
    private const int MaxChoices = 4096;
    private const int MaxNameLength = 256;

    private static readonly (string Name, string Kind)[] Extensions =
    [
        ("guided_json", "json"), ("guided_regex", "regex"), ("guided_choice", "choice"), ("guided_grammar", "grammar"),
        ("json_schema", "json"), ("grammar", "grammar"), ("regex", "regex"), ("ebnf", "grammar"),
    ];

    private static readonly string[] Kinds = ["json", "regex", "choice", "grammar", "json_object"];

    /// <summary>The form a chat or completion request asks for; null = any.</summary>
    public static OutputFormat? Read(JsonFields body)
    {
        List<OutputFormat> found = [];
        if (body.Object("response_format") is { } format && ReadTyped(format, nested: true) is { } typed)
        {
            found.Add(typed);
        }

        if (body.Object("structured_outputs") is { } structured)
        {
            found.Add(ReadStructured(structured));
        }

        foreach ((string name, string kind) in Extensions)
        {
            if (body.TryGet(name, out JsonElement value) && !IsOff(value))
            {
                found.Add(ReadKind(body, name, kind, anyOrder: false)!);
            }
        }

        return found.Count <= 1 ? found.FirstOrDefault() : throw ApiException.Invalid(
            found[1].Path, $"'{found[1].Path}' and '{found[0].Path}' must not both be given: an answer has one form.");
    }

    /// <summary>
    /// A format with a <c>type</c>: text, json_object, json_schema (its schema in <c>json_schema</c> when nested, as in chats), regex,
    /// ebnf. Null for text.
    /// </summary>
    public static OutputFormat? ReadTyped(JsonFields format, bool nested)
    {
        string path = format.PathOf("type");
        string type = JsonValues.Text(format.Required("type"), path, 64);
        switch (type)
        {
            case "text":
                return null;
            case "json_object":
                // llama.cpp and others take a schema here.
                bool free = AnyOrder(format);
                return format.TryGet("schema", out _) ? ReadSchema(format, "schema", free) : Object(format.PathOf("type"));
            case "json_schema":
                JsonFields holder = nested ? JsonFields.Of(format.Required("json_schema"), format.PathOf("json_schema")) : format;
                CheckName(holder);
                holder.Flag("strict");
                bool anyOrder = AnyOrder(holder);
                return holder.TryGet("schema", out _)
                    ? ReadSchema(holder, "schema", anyOrder)
                    : nested ? Object(path) : throw Missing(holder.PathOf("schema"));
            case "regex":
                return Leaf(OutputStructure.Regex(ReadText(format, "regex")), format.PathOf("regex"));
            case "ebnf" or "grammar":
                return Leaf(OutputStructure.Ebnf(ReadText(format, type)), format.PathOf(type));
            case "structural_tag":
                throw ApiException.Unsupported(path, $"'{path}' is 'structural_tag'; use tools with 'strict': true.");
            default:
                throw ApiException.Invalid(path, $"'{path}' is '{type}'; it must be text, json_object, json_schema, regex or ebnf.");
        }
    }

    /// <summary>Anthropic's <c>{type: json_schema, schema}</c>.</summary>
    public static OutputFormat ReadAnthropic(JsonFields format)
    {
        string type = JsonValues.Text(format.Required("type"), format.PathOf("type"), 64);
        if (type != "json_schema")
        {
            throw ApiException.Invalid(format.PathOf("type"), $"'{format.PathOf("type")}' is '{type}'; it must be 'json_schema'.");
        }

        format.Required("schema");
        return ReadSchema(format, "schema", AnyOrder(format));
    }

    private static OutputFormat ReadStructured(JsonFields fields)
    {
        foreach (string name in (ReadOnlySpan<string>)[
            "structural_tag", "whitespace_pattern", "disable_any_whitespace", "disable_additional_properties"])
        {
            if (fields.TryGet(name, out JsonElement value) && !IsOff(value))
            {
                throw ApiException.Unsupported(fields.PathOf(name), $"'{fields.PathOf(name)}' is not supported.");
            }
        }

        bool anyOrder = AnyOrder(fields);
        OutputFormat? found = null;
        foreach (string kind in Kinds)
        {
            if (fields.TryGet(kind, out _) && ReadKind(fields, kind, kind, anyOrder) is { } format)
            {
                found = found is null ? format : throw ApiException.Invalid(
                    format.Path, $"'{found.Path}' and '{format.Path}' must not both be given: an answer has one form.");
            }
        }

        return found ?? throw ApiException.Invalid(
            "structured_outputs", "'structured_outputs' needs one of json, regex, choice, grammar and json_object.");
    }

    private static OutputFormat? ReadKind(JsonFields fields, string name, string kind, bool anyOrder) => kind switch
    {
        "json" => ReadSchema(fields, name, anyOrder),
        "regex" => Leaf(OutputStructure.Regex(ReadText(fields, name)), fields.PathOf(name)),
        "choice" => Leaf(ReadChoices(fields, name), fields.PathOf(name)),
        "grammar" => Leaf(OutputStructure.Ebnf(ReadText(fields, name)), fields.PathOf(name)),
        _ => fields.Flag(name) ? Object(fields.PathOf(name)) : null,
    };

    /// <summary>An object, or a text of JSON as vLLM and SGLang take it.</summary>
    private static OutputFormat ReadSchema(JsonFields fields, string name, bool anyOrder)
    {
        JsonElement schema = fields.Required(name);
        string path = fields.PathOf(name);
        string text;
        if (schema.ValueKind == JsonValueKind.String)
        {
            text = JsonValues.Text(schema, path);
        }
        else
        {
            JsonFields.Of(schema, path);
            JsonValues.CheckTexts(schema, path);
            text = schema.GetRawText();
        }

        return new OutputFormat(new StructureLeaf(OutputStructure.JsonSchema(text, anyOrder), path), schema);
    }

    private static OutputStructure ReadChoices(JsonFields fields, string name)
    {
        string path = fields.PathOf(name);
        JsonElement choices = JsonValues.Array(fields.Required(name), path, MaxChoices);
        return choices.GetArrayLength() == 0
            ? throw ApiException.Invalid(path, $"'{path}' is empty; at least one choice is needed.")
            : OutputStructure.Choice(choices.EnumerateArray().Select((c, i) => JsonValues.Text(c, $"{path}[{i}]")));
    }

    private static string ReadText(JsonFields fields, string name) => JsonValues.Text(fields.Required(name), fields.PathOf(name));

    private static bool AnyOrder(JsonFields fields) => fields.Flag("any_order");

    private static void CheckName(JsonFields holder)
    {
        string path = holder.PathOf("name");
        if (JsonValues.Text(holder.Required("name"), path, MaxNameLength).Length == 0)
        {
            throw ApiException.Invalid(path, $"'{path}' is empty.");
        }
    }

    private static OutputFormat Object(string path) => Leaf(OutputStructure.JsonObject(), path);

    private static OutputFormat Leaf(OutputStructure node, string path) => new(new StructureLeaf(node, path), default);

    private static ApiException Missing(string path) => ApiException.Invalid(path, $"'{path}' is required.");

    private static bool IsOff(JsonElement value) =>
        value.ValueKind == JsonValueKind.False || (value.ValueKind == JsonValueKind.String && value.ValueEquals(""u8));
}
