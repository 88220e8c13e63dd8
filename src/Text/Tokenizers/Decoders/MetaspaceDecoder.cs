namespace XLLM.Text.Tokenizers.Decoders;

/// <summary>
/// The character that stands for a space becomes one; in the first token it goes, when encoding puts one before the text.
/// </summary>
internal sealed class MetaspaceDecoder(char replacement, bool dropsFirst) : TokenDecoder
{
    public override DecoderStage Start(DecoderStage next) => new Stage(next, replacement, dropsFirst);

    public override string Rewrite(string token) => token.Replace(replacement, ' ');

    private sealed class Stage(DecoderStage next, char replacement, bool dropsFirst) : DecoderStage
    {
        private bool _first = true;

        public override void Append(string fragment)
        {
            bool drop = _first && dropsFirst;
            next.Append(drop ? fragment.Replace(replacement.ToString(), "", StringComparison.Ordinal)
                : fragment.Replace(replacement, ' '));
        }

        public override void EndToken()
        {
            _first = false;
            next.EndToken();
        }

        public override void Complete() => next.Complete();
    }
}
