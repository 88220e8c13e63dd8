using System.Text;
using XLLM.Text.Answers;

namespace XLLM.Text.Reasoning;

/// <summary>
/// Separates thoughts at the beginning of an answer from the answer, character by character. White space next to the marks belongs to
/// them. Marks later in the text are text. Not thread-safe.
/// </summary>
internal sealed class ReasoningSplitter
{
    private readonly ReasoningFormat _format;
    private readonly MarkerMatcher _close;
    private readonly StringBuilder _held = new();
    private readonly StringBuilder _free = new();
    private readonly StringBuilder _space = new();
    private ReasoningState _state;
    private bool _begun;

    /// <param name="format">The marks.</param>
    /// <param name="isOpen">The prompt opened the thoughts.</param>
    public ReasoningSplitter(ReasoningFormat format, bool isOpen)
    {
        _format = format;
        _close = new MarkerMatcher(format.Close);
        _state = isOpen ? ReasoningState.Inside : ReasoningState.Before;
    }

    /// <summary>Takes text; what is the answer goes to <paramref name="answer"/>.</summary>
    public void Append(ReadOnlySpan<char> text, StringBuilder answer, AnswerPieces pieces)
    {
        for (int i = 0; i < text.Length; i++)
        {
            switch (_state)
            {
                case ReasoningState.Before:
                    TakeBefore(text[i], answer);
                    break;
                case ReasoningState.Inside:
                    TakeInside(text[i], pieces);
                    break;
                case ReasoningState.Closed when char.IsWhiteSpace(text[i]):
                    break;
                default:
                    _state = ReasoningState.After;
                    answer.Append(text[i..]);
                    return;
            }
        }
    }

    /// <summary>The answer ends.</summary>
    public void Finish(StringBuilder answer, AnswerPieces pieces)
    {
        answer.Append(_held);
        _held.Clear();
        _close.Finish(_free);
        GiveThoughts(pieces);
    }

    private void TakeBefore(char c, StringBuilder answer)
    {
        _held.Append(c);
        ReadOnlySpan<char> seen = _held.ToString().AsSpan().TrimStart();
        if (!_format.Open.AsSpan().StartsWith(seen))
        {
            answer.Append(_held);
            _held.Clear();
            _state = ReasoningState.After;
        }
        else if (seen.Length == _format.Open.Length)
        {
            _held.Clear();
            _state = ReasoningState.Inside;
        }
    }

    private void TakeInside(char c, AnswerPieces pieces)
    {
        bool closed = _close.Append(c, _free) is not null;
        GiveThoughts(pieces);
        if (closed)
        {
            _space.Clear();
            _state = ReasoningState.Closed;
        }
    }

    // White space is held until something follows it.
    private void GiveThoughts(AnswerPieces pieces)
    {
        for (int i = 0; i < _free.Length; i++)
        {
            if (char.IsWhiteSpace(_free[i]))
            {
                _space.Append(_begun ? _free[i].ToString() : "");
                continue;
            }

            _begun = true;
            _space.Append(_free[i]);
            pieces.Add(AnswerPieceKind.Reasoning, -1, _space.ToString());
            _space.Clear();
        }

        _free.Clear();
    }
}
