using System.Text;

namespace XLLM.Text.ToolCalls;

/// <summary><see cref="ToolCallFormat.Mistral"/>: the character behind the mark says which of the two forms it is.</summary>
internal sealed class MistralToolCallParser(ToolOffer offer) : ToolCallParser(offer, Marker)
{
    public const string Marker = ToolCallMarks.Mistral;
    public const string Arguments = ToolCallMarks.MistralArguments;
    public const string CallId = ToolCallMarks.MistralCallId;

    private const int MaxHeadLength = 512;

    private readonly StringBuilder _head = new();
    private MistralState _state;

    protected override void Begin(bool bare)
    {
        _state = MistralState.Start;
        _head.Clear();
    }

    protected override bool TakeInCalls(char c)
    {
        switch (_state)
        {
            case MistralState.Start when char.IsWhiteSpace(c):
                return true;
            case MistralState.Start when c == '[':
                _state = MistralState.InArray;
                return true;
            case MistralState.Start:
                _state = MistralState.Head;
                return TakeHead(c);
            case MistralState.Head:
                return TakeHead(c);
            case MistralState.InArray:
                return TakeInArray(c);
            case MistralState.ArrayBody:
                return TakeJson(c, MistralState.InArray);
            case MistralState.HeadBody:
                return TakeJson(c, MistralState.Over);
            default:
                // The next call has a mark of its own.
                End();
                return false;
        }
    }

    private bool TakeInArray(char c)
    {
        if (c == ']' && HasCalls)
        {
            End();
            return true;
        }

        if (c != '{')
        {
            return char.IsWhiteSpace(c) || (c == ',' && HasCalls);
        }

        BeginBody(null);
        return TakeJson(c, MistralState.InArray);
    }

    // name[ARGS]{..., name[CALL_ID]id[ARGS]{... or name{...
    private bool TakeHead(char c)
    {
        if (c != '{')
        {
            _head.Append(c);
            return _head.Length <= MaxHeadLength;
        }

        string head = _head.ToString();
        int end = head.IndexOf('[', StringComparison.Ordinal);
        bool marked = head.TrimEnd().EndsWith(Arguments, StringComparison.Ordinal);
        string name = (end < 0 ? head : head[..end]).Trim();
        if (name.Length == 0 || (end >= 0 && !marked))
        {
            return false;
        }

        BeginBody(name);
        return TakeJson(c, MistralState.Over);
    }

    private bool TakeJson(char c, MistralState after)
    {
        bool fits = TakeBody(c, out bool done);
        _state = done ? after : after == MistralState.Over ? MistralState.HeadBody : MistralState.ArrayBody;
        return fits;
    }
}
