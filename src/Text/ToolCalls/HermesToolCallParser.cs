namespace XLLM.Text.ToolCalls;

/// <summary><see cref="ToolCallFormat.Hermes"/>.</summary>
internal sealed class HermesToolCallParser(ToolOffer offer) : ToolCallParser(offer, Open)
{
    public const string Open = ToolCallMarks.HermesOpen;
    public const string Close = ToolCallMarks.HermesClose;

    private bool _inBody;
    private bool _bodyDone;
    private int _closed;

    protected override void Begin(bool bare)
    {
        _inBody = _bodyDone = false;
        _closed = 0;
    }

    protected override bool TakeInCalls(char c)
    {
        if (_inBody)
        {
            bool fits = TakeBody(c, out _bodyDone);
            _inBody = !_bodyDone;
            return fits;
        }

        if (_closed == 0 && char.IsWhiteSpace(c))
        {
            return true;
        }

        if (!_bodyDone)
        {
            BeginBody(null);
            _inBody = true;
            return TakeBody(c, out _);
        }

        if (c != Close[_closed])
        {
            return false;
        }

        if (++_closed == Close.Length)
        {
            End();
        }

        return true;
    }
}
