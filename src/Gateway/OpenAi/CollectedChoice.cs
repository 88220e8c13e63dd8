using System.Text;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Streaming;
using XLLM.Text.Answers;

namespace XLLM.Gateway.OpenAi;

/// <summary>All deltas of a choice, for a whole answer.</summary>
internal sealed class CollectedChoice
{
    public StringBuilder Text { get; } = new();

    public StringBuilder Reasoning { get; } = new();

    public List<CollectedCall> Calls { get; } = [];

    public List<GeneratedToken> Tokens { get; } = [];

    public List<GeneratedToken> Prompt { get; } = [];

    public void Add(ChoiceDelta delta)
    {
        Text.Append(delta.Text);
        foreach (AnswerPiece piece in delta.Pieces.Items)
        {
            Add(piece);
        }

        Tokens.AddRange(delta.Tokens);
        Prompt.AddRange(delta.Prompt);
    }

    private void Add(AnswerPiece piece)
    {
        switch (piece.Kind)
        {
            case AnswerPieceKind.Reasoning:
                Reasoning.Append(piece.Text);
                break;
            case AnswerPieceKind.ToolName:
                Calls.Add(new CollectedCall(piece.Text));
                break;
            case AnswerPieceKind.ToolArguments:
                Calls[piece.Call].Arguments.Append(piece.Text);
                break;
            default:
                Text.Append(piece.Text);
                break;
        }
    }
}
