using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.Anthropic;

/// <summary>Reads <c>tools</c> and <c>tool_choice</c>.</summary>
internal static class ToolsReader
{
    private const int MaxTools = 1024;

    /// <summary>The tools to offer, undefined for none, and the most calls of an answer.</summary>
    public static (JsonElement Tools, int MaxCalls) Read(JsonFields body)
    {
        (bool wanted, int maxCalls) = ReadChoice(body);
        var tools = new ToolsJson();
        int index = 0;
        foreach (JsonElement value in body.Array("tools", MaxTools)?.EnumerateArray() ?? default)
        {
            JsonFields tool = JsonFields.Of(value, $"tools[{index++}]");
            JsonValues.CheckTexts(value, tool.PathOf("input_schema"));
            if (tool.Text("type", 64) is { } type && type != "custom")
            {
                throw ApiException.Unsupported(tool.PathOf("type"), $"'{tool.PathOf("type")}' is '{type}'; only 'custom' is supported.");
            }

            if (tool.Flag("strict"))
            {
                throw ApiException.Unsupported(tool.PathOf("strict"), $"'{tool.PathOf("strict")}' is not supported.");
            }

            string name = JsonValues.Text(tool.Required("name"), tool.PathOf("name"), 256);
            if (name.Length == 0)
            {
                throw ApiException.Invalid(tool.PathOf("name"), $"'{tool.PathOf("name")}' is empty.");
            }

            JsonElement schema = tool.Required("input_schema");
            JsonFields.Of(schema, tool.PathOf("input_schema"));
            tools.Add(name, tool.Text("description", int.MaxValue), schema);
        }

        return (wanted ? tools.Build() : default, maxCalls);
    }

    private static (bool Wanted, int MaxCalls) ReadChoice(JsonFields body)
    {
        if (body.Object("tool_choice") is not { } choice)
        {
            return (true, int.MaxValue);
        }

        string type = JsonValues.Text(choice.Required("type"), "tool_choice.type", 64);
        int maxCalls = choice.Flag("disable_parallel_tool_use") ? 1 : int.MaxValue;
        return type switch
        {
            "auto" => (true, maxCalls),
            "none" => (false, maxCalls),
            "any" or "tool" => throw ApiException.Unsupported(
                "tool_choice.type", $"'tool_choice.type' is '{type}'; only 'auto' and 'none' are supported."),
            _ => throw ApiException.Invalid("tool_choice.type", $"'tool_choice.type' is '{type}'; it must be auto or none."),
        };
    }
}
