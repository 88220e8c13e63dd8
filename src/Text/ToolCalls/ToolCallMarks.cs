namespace XLLM.Text.ToolCalls;

/// <summary>The marks of each <see cref="ToolCallFormat"/>.</summary>
public static class ToolCallMarks
{
    public const string HermesOpen = "<tool_call>";
    public const string HermesClose = "</tool_call>";
    public const string PythonTag = "<|python_tag|>";
    public const string Mistral = "[TOOL_CALLS]";
    public const string MistralArguments = "[ARGS]";
    public const string MistralCallId = "[CALL_ID]";

    // Fullwidth vertical lines and lower one eighth blocks, as DeepSeek's tokenizers have them.
    public const string DeepSeekCallsBegin = "<\uff5ctool\u2581calls\u2581begin\uff5c>";
    public const string DeepSeekCallsEnd = "<\uff5ctool\u2581calls\u2581end\uff5c>";
    public const string DeepSeekCallBegin = "<\uff5ctool\u2581call\u2581begin\uff5c>";
    public const string DeepSeekCallEnd = "<\uff5ctool\u2581call\u2581end\uff5c>";
    public const string DeepSeekSeparator = "<\uff5ctool\u2581sep\uff5c>";
}
