using System.Text;

namespace XLLM.Text.ToolCalls;

/// <summary><see cref="ToolCallFormat.DeepSeek"/>.</summary>
internal sealed class DeepSeekToolCallParser(ToolOffer offer) : ToolCallParser(offer, CallsBegin)
{
    public const string CallsBegin = ToolCallMarks.DeepSeekCallsBegin;

    private const string CallsEnd = ToolCallMarks.DeepSeekCallsEnd;
    private const string CallBegin = ToolCallMarks.DeepSeekCallBegin;
    private const string CallEnd = ToolCallMarks.DeepSeekCallEnd;
    private const string Separator = ToolCallMarks.DeepSeekSeparator;
    private const string FenceLetters = "`json";
    private const int MaxHeadLength = 512;

    private readonly StringBuilder _word = new();
    private DeepSeekState _state;
    private string _name = "";

    public static IReadOnlyList<string> Marks { get; } = [CallsBegin, CallsEnd, CallBegin, CallEnd, Separator];

    protected override void Begin(bool bare) => Go(DeepSeekState.Between);

    protected override bool TakeInCalls(char c) => _state switch
    {
        DeepSeekState.Between => TakeBetween(c),
        DeepSeekState.Head => TakeHead(c),
        DeepSeekState.NameLine => TakeNameLine(c),
        DeepSeekState.Fence => TakeFence(c),
        DeepSeekState.Body => TakeJson(c),
        _ => TakeAfterBody(c),
    };

    private void Go(DeepSeekState state)
    {
        _state = state;
        _word.Clear();
    }

    private bool TakeBetween(char c)
    {
        if (_word.Length == 0 && char.IsWhiteSpace(c))
        {
            return true;
        }

        _word.Append(c);
        if (Is(CallBegin))
        {
            Go(DeepSeekState.Head);
            return true;
        }

        if (Is(CallsEnd))
        {
            if (!HasCalls)
            {
                return false;
            }

            End();
            return true;
        }

        return Begins(CallBegin) || Begins(CallsEnd);
    }

    private bool TakeHead(char c)
    {
        _word.Append(c);
        string head = _word.ToString();
        if (!head.EndsWith(Separator, StringComparison.Ordinal))
        {
            return head.Length <= MaxHeadLength;
        }

        _name = head[..^Separator.Length].Trim();
        Go(_name == "function" ? DeepSeekState.NameLine : DeepSeekState.Fence);
        return true;
    }

    private bool TakeNameLine(char c)
    {
        if (c != '\n')
        {
            _word.Append(c);
            return _word.Length <= MaxHeadLength;
        }

        _name = _word.ToString().Trim();
        Go(DeepSeekState.Fence);
        return true;
    }

    private bool TakeFence(char c)
    {
        if (c != '{')
        {
            return char.IsWhiteSpace(c) || FenceLetters.Contains(c, StringComparison.Ordinal);
        }

        BeginBody(_name);
        Go(DeepSeekState.Body);
        return TakeJson(c);
    }

    private bool TakeJson(char c)
    {
        bool fits = TakeBody(c, out bool done);
        if (done)
        {
            Go(DeepSeekState.AfterBody);
        }

        return fits;
    }

    private bool TakeAfterBody(char c)
    {
        if (_word.Length == 0 && (char.IsWhiteSpace(c) || c == '`'))
        {
            return true;
        }

        _word.Append(c);
        if (Is(CallEnd))
        {
            Forget();
            Go(DeepSeekState.Between);
            return true;
        }

        return Begins(CallEnd);
    }

    private bool Is(string mark) => _word.Equals(mark);

    private bool Begins(string mark) => _word.Length <= mark.Length && _word.Equals(mark.AsSpan(0, _word.Length));
}
