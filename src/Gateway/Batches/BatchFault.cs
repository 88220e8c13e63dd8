namespace XLLM.Gateway.Batches;

/// <summary>What is wrong with an input file.</summary>
/// <param name="Code">One word, OpenAI's where it has one.</param>
/// <param name="Message">What was wrong and what would be right.</param>
/// <param name="Line">Number of the line, from 1; null = it is no single line's fault.</param>
/// <param name="Param">Path of the field at fault.</param>
internal sealed record BatchFault(string Code, string Message, long? Line = null, string? Param = null)
{
    /// <summary>As JSON, an array.</summary>
    public static string ToJson(IReadOnlyList<BatchFault> faults)
    {
        string json = Responses.ItemJson.Write(writer =>
        {
            writer.WriteStartArray("data");
            foreach (BatchFault fault in faults)
            {
                writer.WriteStartObject();
                writer.WriteString("code", fault.Code);
                writer.WriteString("message", fault.Message);
                writer.WriteString("param", fault.Param);
                if (fault.Line is { } line)
                {
                    writer.WriteNumber("line", line);
                }
                else
                {
                    writer.WriteNull("line");
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        });
        return json["{\"data\":".Length..^1];
    }
}
