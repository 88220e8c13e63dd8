using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.OpenAi.Json;
using XLLM.Gateway.Structure;

namespace XLLM.Gateway.Responses;

/// <summary>The tools of a request to /v1/responses.</summary>
/// <param name="Given">As given; undefined when there are none.</param>
/// <param name="Rendered">As chat templates take them; undefined when there are none.</param>
/// <param name="Terms">The form of their calls.</param>
internal sealed record ResponseTools(JsonElement Given, JsonElement Rendered, ImmutableArray<ToolTerms> Terms)
{
    private const int MaxTools = 1024;

    /// <summary>Reads <c>tools</c>.</summary>
    public static ResponseTools Read(JsonFields body)
    {
        if (body.Array("tools", MaxTools) is not { } read)
        {
            return new ResponseTools(default, default, []);
        }

        JsonValues.CheckTexts(read, "tools");
        JsonElement given = read.Clone();
        var tools = new ToolsJson();
        var terms = ImmutableArray.CreateBuilder<ToolTerms>();
        foreach (JsonElement value in given.EnumerateArray())
        {
            JsonFields tool = JsonFields.Of(value, $"tools[{terms.Count}]");
            string type = JsonValues.Text(tool.Required("type"), tool.PathOf("type"), 64);
            if (type != "function")
            {
                throw ApiException.Unsupported(tool.PathOf("type"), $"'{tool.PathOf("type")}' is '{type}'; only 'function' is supported.");
            }

            string name = JsonValues.Text(tool.Required("name"), tool.PathOf("name"), 256);
            if (name.Length == 0)
            {
                throw ApiException.Invalid(tool.PathOf("name"), $"'{tool.PathOf("name")}' is empty.");
            }

            tool.Object("parameters");
            tool.TryGet("parameters", out JsonElement parameters);
            parameters = parameters.ValueKind == JsonValueKind.Object ? parameters : default;
            tools.Add(name, tool.Text("description", int.MaxValue), parameters);
            terms.Add(new ToolTerms(name, parameters, tool.PathOf("name"), tool.PathOf("parameters"), tool.Flag("strict")));
        }

        return new ResponseTools(given, tools.Build(), terms.ToImmutable());
    }
}
