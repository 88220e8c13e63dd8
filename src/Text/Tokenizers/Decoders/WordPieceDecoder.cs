namespace XLLM.Text.Tokenizers.Decoders;

/// <summary>
/// Joins word pieces: those with the prefix to the token before, the others after a space; optionally tidies punctuation.
/// </summary>
internal sealed class WordPieceDecoder(string prefix, bool cleanUp) : TokenDecoder
{
    private static readonly (string From, string To)[] Tidied =
    [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"), (" do not", " don't"),
        (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ];

    public override DecoderStage Start(DecoderStage next) => new Stage(next, this);

    public override string Rewrite(string token)
    {
        string joined = token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : " " + token;
        return Tidy(joined);
    }

    private string Tidy(string token) =>
        cleanUp ? Tidied.Aggregate(token, (t, rule) => t.Replace(rule.From, rule.To, StringComparison.Ordinal)) : token;

    private sealed class Stage(DecoderStage next, WordPieceDecoder decoder) : WholeTokenStage(next)
    {
        private bool _first = true;

        protected override void OnToken(string token)
        {
            Emit(_first ? decoder.Tidy(token) : decoder.Rewrite(token));
            _first = false;
        }
    }
}
