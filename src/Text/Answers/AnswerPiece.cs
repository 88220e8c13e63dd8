namespace XLLM.Text.Answers;

/// <summary>A piece of an answer.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Call">Number of the tool call it belongs to, from 0; -1 for text and reasoning.</param>
/// <param name="Text">Its text, not empty.</param>
public readonly record struct AnswerPiece(AnswerPieceKind Kind, int Call, string Text);
