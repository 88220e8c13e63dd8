using System.Buffers;
using System.Text;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Errors;

namespace XLLM.Gateway.Structure;

/// <summary>The form of a tool's arguments, which are always an object.</summary>
internal static class ToolArguments
{
    private const string NoParameters = """{"type":"object","properties":{},"additionalProperties":false}""";

    /// <summary>The tool's schema; a schema that does not say so is one of objects.</summary>
    /// <exception cref="ApiException">The schema is of something else.</exception>
    public static OutputStructure Of(ToolTerms tool)
    {
        JsonElement schema = tool.Parameters;
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return OutputStructure.JsonSchema(NoParameters);
        }

        if (!schema.TryGetProperty("type", out JsonElement type))
        {
            return OutputStructure.JsonSchema(WithType(schema));
        }

        return type.ValueKind == JsonValueKind.String && type.ValueEquals("object"u8)
            ? OutputStructure.JsonSchema(schema.GetRawText())
            : throw ApiException.Invalid(
                tool.ParametersPath + ".type", $"'{tool.ParametersPath}.type' must be 'object': a tool's arguments are an object.");
    }

    /// <summary>Names that stand bare between marks must not be able to look like one.</summary>
    public static void CheckName(ToolTerms tool)
    {
        if (!tool.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':' or '/'))
        {
            throw ApiException.Invalid(
                tool.Path, $"'{tool.Path}' must be of letters, digits and _ - . : / where its calls have a form to keep.");
        }
    }

    private static string WithType(JsonElement schema)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type", "object");
            foreach (JsonProperty property in schema.EnumerateObject())
            {
                property.WriteTo(json);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
