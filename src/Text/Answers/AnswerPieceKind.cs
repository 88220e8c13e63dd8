namespace XLLM.Text.Answers;

/// <summary>What a piece of an answer is.</summary>
public enum AnswerPieceKind
{
    /// <summary>Text for the user.</summary>
    Text = 0,

    /// <summary>What the model thought before it answered.</summary>
    Reasoning = 1,

    /// <summary>A tool call begins; the text is the tool's name.</summary>
    ToolName = 2,

    /// <summary>More of a tool call's arguments, JSON as the model wrote it.</summary>
    ToolArguments = 3,
}
