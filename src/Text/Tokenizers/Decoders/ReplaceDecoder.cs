using System.Text;

namespace XLLM.Text.Tokenizers.Decoders;

/// <summary>Replaces a string in each token.</summary>
internal sealed class ReplaceDecoder(string pattern, string content) : TokenDecoder
{
    public override DecoderStage Start(DecoderStage next) => new Stage(next, pattern, content);

    public override string Rewrite(string token) => token.Replace(pattern, content, StringComparison.Ordinal);

    private sealed class Stage(DecoderStage next, string pattern, string content) : DecoderStage
    {
        private string _pending = "";

        public override void Append(string fragment)
        {
            string text = _pending + fragment;
            var output = new StringBuilder();
            int done = 0;
            for (int at; (at = text.IndexOf(pattern, done, StringComparison.Ordinal)) >= 0; done = at + pattern.Length)
            {
                output.Append(text, done, at - done).Append(content);
            }

            int keep = Math.Min(pattern.Length - 1, text.Length - done);
            while (keep > 0 && !text.AsSpan(text.Length - keep).SequenceEqual(pattern.AsSpan(0, keep)))
            {
                keep--;
            }

            output.Append(text, done, text.Length - keep - done);
            _pending = text[^keep..];
            if (output.Length > 0)
            {
                next.Append(output.ToString());
            }
        }

        public override void EndToken()
        {
            if (_pending.Length > 0)
            {
                next.Append(_pending);
                _pending = "";
            }

            next.EndToken();
        }

        public override void Complete() => next.Complete();
    }
}
