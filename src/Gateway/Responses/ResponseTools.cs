using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.Responses;

/// <summary>Reads <c>tools</c>.</summary>
internal static class ResponseTools
{
    private const int MaxTools = 1024;

    /// <summary>The tools as given, and as chat templates take them; both undefined when there are none.</summary>
    public static (JsonElement Given, JsonElement Rendered) Read(JsonFields body)
    {
        if (body.Array("tools", MaxTools) is not { } given)
        {
            return default;
        }

        JsonValues.CheckTexts(given, "tools");
        var tools = new ToolsJson();
        int index = 0;
        foreach (JsonElement value in given.EnumerateArray())
        {
            JsonFields tool = JsonFields.Of(value, $"tools[{index++}]");
            string type = JsonValues.Text(tool.Required("type"), tool.PathOf("type"), 64);
            if (type != "function")
            {
                throw ApiException.Unsupported(tool.PathOf("type"), $"'{tool.PathOf("type")}' is '{type}'; only 'function' is supported.");
            }

            if (tool.Flag("strict"))
            {
                throw ApiException.Unsupported(
                    tool.PathOf("strict"), $"'{tool.PathOf("strict")}' is not supported: structured output is not available.");
            }

            string name = JsonValues.Text(tool.Required("name"), tool.PathOf("name"), 256);
            if (name.Length == 0)
            {
                throw ApiException.Invalid(tool.PathOf("name"), $"'{tool.PathOf("name")}' is empty.");
            }

            tool.Object("parameters");
            tool.TryGet("parameters", out JsonElement parameters);
            tools.Add(
                name, tool.Text("description", int.MaxValue), parameters.ValueKind == JsonValueKind.Object ? parameters : default);
        }

        return (given.Clone(), tools.Build());
    }
}
