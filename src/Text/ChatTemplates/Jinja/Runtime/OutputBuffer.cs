using System.Text;

namespace XLLM.Text.ChatTemplates.Jinja.Runtime;

/// <summary>Text written so far: of the template, or of a macro or block whose text becomes a value.</summary>
internal sealed class OutputBuffer(RenderState state)
{
    private readonly StringBuilder _text = new();

    public void Write(string text)
    {
        if (_text.Length + (long)text.Length > state.Limits.MaxOutputLength)
        {
            throw state.LimitError($"the output is longer than the {state.Limits.MaxOutputLength} characters allowed");
        }

        state.ReserveText(text.Length);
        _text.Append(text);
    }

    public override string ToString() => _text.ToString();
}
