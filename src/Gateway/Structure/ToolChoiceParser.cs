using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.Structure;

/// <summary>Reads OpenAI's <c>tool_choice</c>.</summary>
internal static class ToolChoiceParser
{
    private const string Field = "tool_choice";
    private const int MaxTools = 1024;
    private const int MaxNameLength = 256;

    /// <param name="body">The body.</param>
    /// <param name="nested">A tool's name is in <c>function</c>, as in chats; else beside its <c>type</c>, as in responses.</param>
    public static ToolChoice Read(JsonFields body, bool nested)
    {
        if (!body.TryGet(Field, out JsonElement choice))
        {
            return ToolChoice.Auto;
        }

        if (choice.ValueKind == JsonValueKind.String)
        {
            return ReadMode(JsonValues.Text(choice, Field, 64), Field);
        }

        if (choice.ValueKind != JsonValueKind.Object)
        {
            throw JsonValues.WrongType(choice, Field, "a string or an object");
        }

        JsonFields fields = JsonFields.Of(choice, Field);
        string type = JsonValues.Text(fields.Required("type"), fields.PathOf("type"), 64);
        return type switch
        {
            "function" => ToolChoice.Named(ReadName(fields, nested)),
            "allowed_tools" => ReadAllowed(nested ? JsonFields.Of(fields.Required(type), fields.PathOf(type)) : fields, nested),
            _ => throw ApiException.Unsupported(
                fields.PathOf("type"), $"'{fields.PathOf("type")}' is '{type}'; only 'function' and 'allowed_tools' are supported."),
        };
    }

    /// <summary>A choice must be of tools that are there.</summary>
    public static void Check(ToolChoice choice, ImmutableArray<ToolTerms> tools)
    {
        if (choice.IsRequired && tools.IsEmpty)
        {
            throw ApiException.Invalid(Field, $"'{Field}' asks for a tool call, but 'tools' has none.");
        }

        foreach (string name in choice.Names)
        {
            if (tools.All(t => t.Name != name))
            {
                throw ApiException.Invalid(Field, $"'{Field}' names the tool '{name}', which is not among 'tools'.");
            }
        }
    }

    private static ToolChoice ReadMode(string mode, string path) => mode switch
    {
        "none" => ToolChoice.None,
        "auto" => ToolChoice.Auto,
        "required" => ToolChoice.Required,
        _ => throw ApiException.Invalid(path, $"'{path}' is '{mode}'; it must be none, auto or required, or an object."),
    };

    private static ToolChoice ReadAllowed(JsonFields fields, bool nested)
    {
        ToolChoice mode = ReadMode(JsonValues.Text(fields.Required("mode"), fields.PathOf("mode"), 64), fields.PathOf("mode"));
        string path = fields.PathOf("tools");
        JsonElement tools = JsonValues.Array(fields.Required("tools"), path, MaxTools);
        if (tools.GetArrayLength() == 0)
        {
            throw ApiException.Invalid(path, $"'{path}' is empty; at least one tool is needed.");
        }

        return mode with { Names = [.. tools.EnumerateArray().Select((t, i) => ReadName(JsonFields.Of(t, $"{path}[{i}]"), nested))] };
    }

    private static string ReadName(JsonFields fields, bool nested)
    {
        JsonFields holder = nested ? JsonFields.Of(fields.Required("function"), fields.PathOf("function")) : fields;
        return JsonValues.Text(holder.Required("name"), holder.PathOf("name"), MaxNameLength);
    }
}
