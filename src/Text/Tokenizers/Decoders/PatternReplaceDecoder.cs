using XLLM.Text.Tokenizers.Patterns;

namespace XLLM.Text.Tokenizers.Decoders;

/// <summary>Replaces what a pattern matches in each token.</summary>
internal sealed class PatternReplaceDecoder(Pattern pattern, string content) : TokenDecoder
{
    public override DecoderStage Start(DecoderStage next) => new Stage(next, this);

    public override string Rewrite(string token) => pattern.Replace(token, content);

    private sealed class Stage(DecoderStage next, PatternReplaceDecoder decoder) : WholeTokenStage(next)
    {
        protected override void OnToken(string token) => Emit(decoder.Rewrite(token));
    }
}
