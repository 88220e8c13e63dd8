namespace XLLM.Text.ToolCalls;

/// <summary>How a family of models writes tool calls.</summary>
public enum ToolCallFormat
{
    /// <summary>None that is known: calls stay text.</summary>
    None = 0,

    /// <summary>Qwen 2.5 and 3, Hermes: <c>&lt;tool_call&gt;{"name": ..., "arguments": {...}}&lt;/tool_call&gt;</c>.</summary>
    Hermes = 1,

    /// <summary>
    /// Llama 3.1 to 3.3: <c>{"name": ..., "parameters": {...}}</c>, after <c>&lt;|python_tag|&gt;</c> or as the whole answer.
    /// </summary>
    Llama3 = 2,

    /// <summary>Mistral: <c>[TOOL_CALLS][{"name": ..., "arguments": {...}}]</c>, newer <c>[TOOL_CALLS]name[ARGS]{...}</c>.</summary>
    Mistral = 3,

    /// <summary>
    /// DeepSeek V3, R1 and V3.1: calls between marks, each <c>function</c>, a separator, the name and fenced JSON, newer the name, a
    /// separator and JSON.
    /// </summary>
    DeepSeek = 4,
}
