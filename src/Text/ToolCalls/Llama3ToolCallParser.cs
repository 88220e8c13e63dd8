namespace XLLM.Text.ToolCalls;

/// <summary><see cref="ToolCallFormat.Llama3"/>; several calls follow one another, often with a semicolon between them.</summary>
internal sealed class Llama3ToolCallParser(ToolOffer offer) : ToolCallParser(offer, PythonTag)
{
    public const string PythonTag = ToolCallMarks.PythonTag;

    private bool _inBody;

    protected override bool BeginsBare(char c) => c == '{';

    protected override void Begin(bool bare) => _inBody = false;

    protected override bool TakeInCalls(char c)
    {
        if (!_inBody)
        {
            if (char.IsWhiteSpace(c) || (c is ';' or ',' && HasCalls))
            {
                return true;
            }

            if (c != '{')
            {
                return false;
            }

            BeginBody(null);
        }

        bool fits = TakeBody(c, out bool done);
        _inBody = !done;
        return fits;
    }
}
