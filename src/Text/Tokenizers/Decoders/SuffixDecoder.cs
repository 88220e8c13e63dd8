namespace XLLM.Text.Tokenizers.Decoders;

/// <summary>
/// BPE with an end-of-word suffix: the suffix becomes a space, but goes in the last token. So the last token is held back.
/// </summary>
internal sealed class SuffixDecoder(string suffix) : TokenDecoder
{
    public override DecoderStage Start(DecoderStage next) => new Stage(next, suffix);

    public override string Rewrite(string token) => token.Replace(suffix, " ", StringComparison.Ordinal);

    private sealed class Stage(DecoderStage next, string suffix) : WholeTokenStage(next)
    {
        private string? _held;

        protected override void OnToken(string token)
        {
            if (_held is not null)
            {
                Emit(_held.Replace(suffix, " ", StringComparison.Ordinal));
            }

            _held = token;
        }

        protected override void OnComplete()
        {
            if (_held is not null)
            {
                Emit(_held.Replace(suffix, "", StringComparison.Ordinal));
            }
        }
    }
}
