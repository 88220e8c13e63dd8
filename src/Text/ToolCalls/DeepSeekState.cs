namespace XLLM.Text.ToolCalls;

/// <summary>Where a <see cref="DeepSeekToolCallParser"/> is.</summary>
internal enum DeepSeekState
{
    /// <summary>Between calls.</summary>
    Between = 0,

    /// <summary>Before the separator: <c>function</c> or the name.</summary>
    Head = 1,

    /// <summary>The older form's name, up to the end of its line.</summary>
    NameLine = 2,

    /// <summary>Before the JSON.</summary>
    Fence = 3,

    Body = 4,

    /// <summary>Before the end mark.</summary>
    AfterBody = 5,
}
