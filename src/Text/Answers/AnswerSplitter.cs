using System.Text;
using XLLM.Text.Reasoning;
using XLLM.Text.ToolCalls;

namespace XLLM.Text.Answers;

/// <summary>
/// Splits an answer's text, as it comes, into thoughts, text and tool calls; the borders between the pieces it is given change nothing.
/// Not thread-safe.
/// </summary>
public sealed class AnswerSplitter
{
    private readonly ReasoningSplitter? _reasoning;
    private readonly ToolCallParser? _calls;
    private readonly StringBuilder _answer = new();

    internal AnswerSplitter(ReasoningSplitter? reasoning, ToolCallParser? calls)
    {
        _reasoning = reasoning;
        _calls = calls;
    }

    /// <summary>Tool calls that have begun.</summary>
    public int Calls => _calls?.Calls ?? 0;

    /// <summary>One call more began than was offered: the answer may end.</summary>
    public bool IsFull => _calls?.IsFull ?? false;

    /// <summary>Takes text; what is certain is added to <paramref name="pieces"/>.</summary>
    public void Append(ReadOnlySpan<char> text, AnswerPieces pieces)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        if (_reasoning is null)
        {
            Pass(text, pieces);
            return;
        }

        _reasoning.Append(text, _answer, pieces);
        PassAnswer(pieces);
    }

    /// <summary>The answer has ended: adds what was held back. Call once.</summary>
    public void Finish(AnswerPieces pieces)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        _reasoning?.Finish(_answer, pieces);
        PassAnswer(pieces);
        _calls?.Finish(pieces);
    }

    private void PassAnswer(AnswerPieces pieces)
    {
        if (_answer.Length > 0)
        {
            Pass(_answer.ToString(), pieces);
            _answer.Clear();
        }
    }

    private void Pass(ReadOnlySpan<char> text, AnswerPieces pieces)
    {
        if (_calls is null)
        {
            pieces.Add(AnswerPieceKind.Text, -1, text);
        }
        else
        {
            _calls.Append(text, pieces);
        }
    }
}
