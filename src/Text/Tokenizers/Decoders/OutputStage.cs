using System.Text;

namespace XLLM.Text.Tokenizers.Decoders;

/// <summary>The end of the chain: collects the text until it is taken.</summary>
internal sealed class OutputStage : DecoderStage
{
    private readonly StringBuilder _text = new();

    public override void Append(string fragment) => _text.Append(fragment);

    public override void EndToken()
    {
    }

    public override void Complete()
    {
    }

    public string Take()
    {
        string text = _text.ToString();
        _text.Clear();
        return text;
    }
}
