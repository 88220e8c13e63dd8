namespace XLLM.Text.ToolCalls;

/// <summary>Facts about <see cref="ToolCallFormat"/>s.</summary>
public static class ToolCallFormats
{
    /// <summary>The format a chat template teaches, by the marks in its text.</summary>
    public static ToolCallFormat OfTemplate(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        bool Has(string text) => source.Contains(text, StringComparison.Ordinal);
        if (Has(DeepSeekToolCallParser.CallsBegin))
        {
            return ToolCallFormat.DeepSeek;
        }

        if (Has(MistralToolCallParser.Marker))
        {
            return ToolCallFormat.Mistral;
        }

        // GLM and Qwen Coder write XML between the same marks.
        if (Has(HermesToolCallParser.Open) && !Has("<arg_key>") && !Has("<function="))
        {
            return ToolCallFormat.Hermes;
        }

        return Has(Llama3ToolCallParser.PythonTag) || Has("\"parameters\": dictionary of argument name and its value")
            ? ToolCallFormat.Llama3
            : ToolCallFormat.None;
    }

    /// <summary>
    /// A template teaches the newer of the two forms that Mistral and DeepSeek models have had: names outside of the JSON, which is bare.
    /// </summary>
    public static bool IsNewer(string source, ToolCallFormat format)
    {
        ArgumentNullException.ThrowIfNull(source);
        return format switch
        {
            ToolCallFormat.Mistral => source.Contains(ToolCallMarks.MistralArguments, StringComparison.Ordinal),
            ToolCallFormat.DeepSeek => !source.Contains("```json", StringComparison.Ordinal),
            _ => false,
        };
    }

    /// <summary>Marks that may be special tokens of the model, which the answer's text must then show.</summary>
    public static IReadOnlyList<string> MarksOf(ToolCallFormat format) => format switch
    {
        ToolCallFormat.Hermes => [HermesToolCallParser.Open, HermesToolCallParser.Close],
        ToolCallFormat.Llama3 => [Llama3ToolCallParser.PythonTag],
        ToolCallFormat.Mistral => [MistralToolCallParser.Marker, MistralToolCallParser.Arguments, MistralToolCallParser.CallId],
        ToolCallFormat.DeepSeek => DeepSeekToolCallParser.Marks,
        _ => [],
    };

    /// <summary>A parser of one answer; null for <see cref="ToolCallFormat.None"/>.</summary>
    internal static ToolCallParser? NewParser(ToolCallFormat format, ToolOffer offer) => format switch
    {
        ToolCallFormat.Hermes => new HermesToolCallParser(offer),
        ToolCallFormat.Llama3 => new Llama3ToolCallParser(offer),
        ToolCallFormat.Mistral => new MistralToolCallParser(offer),
        ToolCallFormat.DeepSeek => new DeepSeekToolCallParser(offer),
        _ => null,
    };
}
