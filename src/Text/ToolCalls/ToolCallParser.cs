using System.Text;
using XLLM.Text.Answers;

namespace XLLM.Text.ToolCalls;

/// <summary>
/// Finds tool calls in an answer, character by character, so that the borders between pieces of text change nothing. A call is told as
/// soon as its name is known and its arguments begin; these follow as they come. What is no call of an offered tool stays text, its
/// marks too. White space before and after calls belongs to them. Not thread-safe.
/// </summary>
internal abstract class ToolCallParser(ToolOffer offer, string marker)
{
    private readonly MarkerMatcher _marker = new(marker);
    private readonly StringBuilder _free = new();
    private readonly StringBuilder _space = new();
    private readonly StringBuilder _held = new();
    private AnswerPieces _pieces = new();
    private CallBody? _body;
    private int _callsBefore;
    private bool _inCalls;
    private bool _told;
    private bool _afterBody;
    private bool _spoken;

    /// <summary>Calls that were told.</summary>
    public int Calls { get; private set; }

    /// <summary>A call was told since the mark.</summary>
    protected bool HasCalls => Calls > _callsBefore;

    /// <summary>One more call began than was asked for: it and what follows is dropped, and the answer may end.</summary>
    public bool IsFull { get; private set; }

    public void Append(ReadOnlySpan<char> text, AnswerPieces pieces)
    {
        _pieces = pieces;
        for (int i = 0; i < text.Length && !IsFull; i++)
        {
            Take(text[i]);
        }
    }

    /// <summary>The answer ends: a call that was not told yet is text after all.</summary>
    public void Finish(AnswerPieces pieces)
    {
        _pieces = pieces;
        if (_inCalls && !_afterBody && !IsFull)
        {
            Speak(_held);
        }

        _marker.Finish(_free);
        Speak(_free);
        if (Calls == 0)
        {
            _pieces.Add(AnswerPieceKind.Text, -1, _space.ToString());
        }

        _held.Clear();
        _free.Clear();
        _space.Clear();
        _inCalls = false;
    }

    /// <summary>The mark came, or an answer began as a call: the next character is the first behind it.</summary>
    protected abstract void Begin(bool bare);

    /// <summary>A character behind the mark; false = it fits no call, and is text.</summary>
    protected abstract bool TakeInCalls(char c);

    /// <summary>An answer that begins with this character is a call without a mark.</summary>
    protected virtual bool BeginsBare(char c) => false;

    /// <summary>A call's JSON begins with the next character: arguments of a known name, or an object with both.</summary>
    protected void BeginBody(string? name)
    {
        _body = new CallBody(name);
        _afterBody = false;
    }

    /// <summary>A character of the call's JSON; false = it does not fit. <paramref name="done"/>: the JSON is whole.</summary>
    protected bool TakeBody(char c, out bool done)
    {
        CallBody body = _body!;
        done = false;
        if (!body.Append(c) || (!_told && body.IsReady && !offer.Names.Contains(body.Name!)))
        {
            return false;
        }

        if (!_told && body.IsReady)
        {
            if (Calls == offer.MaxCalls)
            {
                IsFull = true;
                return true;
            }

            _told = true;
            _space.Clear();
            _pieces.Add(AnswerPieceKind.ToolName, Calls++, body.Name);
        }

        if (_told)
        {
            _held.Clear();
            _pieces.Add(AnswerPieceKind.ToolArguments, Calls - 1, body.TakeArguments());
        }

        done = body.IsDone;
        if (done)
        {
            _told = false;
            _afterBody = true;
        }

        return true;
    }

    /// <summary>All that was taken since the last call is marks: not text, whatever follows.</summary>
    protected void Forget() => _held.Clear();

    /// <summary>The calls are over: what follows is text.</summary>
    protected void End()
    {
        _held.Clear();
        _inCalls = false;
    }

    private void Take(char c)
    {
        if (_inCalls)
        {
            _held.Append(c);
            if (TakeInCalls(c))
            {
                return;
            }

            _held.Length = Math.Max(0, _held.Length - 1);
            Speak(_held);
            _held.Clear();
            _told = false;
            _inCalls = false;
        }

        if (!_spoken && Calls == 0 && !_marker.IsHolding && BeginsBare(c))
        {
            Open(bare: true, c.ToString());
            return;
        }

        bool found = _marker.Append(c, _free) is not null;
        Speak(_free);
        _free.Clear();
        if (found)
        {
            Open(bare: false, marker);
        }
    }

    private void Open(bool bare, string held)
    {
        _inCalls = true;
        _afterBody = false;
        _told = false;
        _callsBefore = Calls;
        _held.Append(held);
        Begin(bare);
        if (bare && !TakeInCalls(held[0]))
        {
            throw new InvalidOperationException($"'{held}' begins a call and does not fit one.");
        }
    }

    private void Speak(StringBuilder text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            _space.Append(text[i]);
            if (!char.IsWhiteSpace(text[i]))
            {
                _spoken = true;
                _pieces.Add(AnswerPieceKind.Text, -1, _space.ToString());
                _space.Clear();
            }
        }
    }
}
