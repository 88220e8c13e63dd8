using System.Text;

namespace XLLM.Text.Tokenizers.Decoders;

/// <summary>A stage that needs each token whole.</summary>
internal abstract class WholeTokenStage(DecoderStage next) : DecoderStage
{
    private readonly StringBuilder _token = new();

    protected DecoderStage Next { get; } = next;

    public override void Append(string fragment) => _token.Append(fragment);

    public override void EndToken()
    {
        string token = _token.ToString();
        _token.Clear();
        OnToken(token);
    }

    public override void Complete()
    {
        OnComplete();
        Next.Complete();
    }

    protected abstract void OnToken(string token);

    protected virtual void OnComplete()
    {
    }

    protected void Emit(string token)
    {
        Next.Append(token);
        Next.EndToken();
    }
}
