namespace XLLM.Text.Tokenizers.Decoders;

/// <summary>Makes all tokens one.</summary>
internal sealed class FuseDecoder : TokenDecoder
{
    public override DecoderStage Start(DecoderStage next) => new Stage(next);

    private sealed class Stage(DecoderStage next) : DecoderStage
    {
        public override void Append(string fragment) => next.Append(fragment);

        public override void EndToken()
        {
        }

        public override void Complete()
        {
            next.EndToken();
            next.Complete();
        }
    }
}
