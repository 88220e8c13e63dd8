namespace XLLM.Text.Tokenizers.Decoders;

/// <summary>Puts a space between tokens: what is done where a tokenizer names no decoder.</summary>
internal sealed class SpaceJoiningDecoder : TokenDecoder
{
    public override DecoderStage Start(DecoderStage next) => new Stage(next);

    public override string Rewrite(string token) => " " + token;

    private sealed class Stage(DecoderStage next) : WholeTokenStage(next)
    {
        private bool _first = true;

        protected override void OnToken(string token)
        {
            Emit(_first ? token : " " + token);
            _first = false;
        }
    }
}
