using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.OpenAi.Json;
using XLLM.Gateway.Structure;

namespace XLLM.Gateway.Anthropic;

/// <summary>Reads <c>tools</c> and <c>tool_choice</c>.</summary>
internal static class ToolsReader
{
    private const int MaxTools = 1024;

    /// <summary>The prompt with the tools to offer and what is asked of their calls.</summary>
    public static ChatPrompt Read(JsonFields body, ChatPrompt prompt)
    {
        (ToolChoice choice, int maxCalls) = ReadChoice(body);
        var tools = new ToolsJson();
        var terms = ImmutableArray.CreateBuilder<ToolTerms>();
        foreach (JsonElement value in body.Array("tools", MaxTools)?.EnumerateArray() ?? default)
        {
            JsonFields tool = JsonFields.Of(value, $"tools[{terms.Count}]");
            JsonValues.CheckTexts(value, tool.PathOf("input_schema"));
            if (tool.Text("type", 64) is { } type && type != "custom")
            {
                throw ApiException.Unsupported(tool.PathOf("type"), $"'{tool.PathOf("type")}' is '{type}'; only 'custom' is supported.");
            }

            string name = JsonValues.Text(tool.Required("name"), tool.PathOf("name"), 256);
            if (name.Length == 0)
            {
                throw ApiException.Invalid(tool.PathOf("name"), $"'{tool.PathOf("name")}' is empty.");
            }

            JsonElement schema = tool.Required("input_schema");
            JsonFields.Of(schema, tool.PathOf("input_schema"));
            tools.Add(name, tool.Text("description", int.MaxValue), schema);
            terms.Add(new ToolTerms(name, schema, tool.PathOf("name"), tool.PathOf("input_schema"), tool.Flag("strict")));
        }

        ToolChoiceParser.Check(choice, terms.ToImmutable());
        return choice.Offers
            ? prompt with { Tools = tools.Build(), Terms = terms.ToImmutable(), Choice = choice, MaxToolCalls = maxCalls }
            : prompt with { MaxToolCalls = maxCalls };
    }

    private static (ToolChoice Choice, int MaxCalls) ReadChoice(JsonFields body)
    {
        if (body.Object("tool_choice") is not { } choice)
        {
            return (ToolChoice.Auto, int.MaxValue);
        }

        string type = JsonValues.Text(choice.Required("type"), "tool_choice.type", 64);
        int maxCalls = choice.Flag("disable_parallel_tool_use") ? 1 : int.MaxValue;
        return type switch
        {
            "auto" => (ToolChoice.Auto, maxCalls),
            "none" => (ToolChoice.None, maxCalls),
            "any" => (ToolChoice.Required, maxCalls),
            "tool" => (ToolChoice.Named(JsonValues.Text(choice.Required("name"), "tool_choice.name", 256)), maxCalls),
            _ => throw ApiException.Invalid("tool_choice.type", $"'tool_choice.type' is '{type}'; it must be auto, any, tool or none."),
        };
    }
}
