namespace XLLM.Text.ToolCalls;

/// <summary>Where a <see cref="MistralToolCallParser"/> is.</summary>
internal enum MistralState
{
    Start = 0,
    InArray = 1,
    ArrayBody = 2,
    Head = 3,
    HeadBody = 4,
    Over = 5,
}
