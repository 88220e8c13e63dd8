using XLLM.Gateway.Streaming;
using XLLM.Text.Answers;

namespace XLLM.Gateway.Answers;

/// <summary>Deltas as pieces, whether their answer is split or not.</summary>
internal static class DeltaPieces
{
    public static IEnumerable<AnswerPiece> Of(ChoiceDelta delta)
    {
        if (delta.Text.Length > 0)
        {
            yield return new AnswerPiece(AnswerPieceKind.Text, -1, delta.Text.ToString());
        }

        foreach (AnswerPiece piece in delta.Pieces.Items)
        {
            yield return piece;
        }
    }
}
