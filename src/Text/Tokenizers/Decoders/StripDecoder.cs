namespace XLLM.Text.Tokenizers.Decoders;

/// <summary>Takes up to <c>start</c> of a character off each token's beginning and up to <c>stop</c> off its end.</summary>
internal sealed class StripDecoder(char content, int start, int stop) : TokenDecoder
{
    public override DecoderStage Start(DecoderStage next) => new Stage(next, content, start, stop);

    private sealed class Stage(DecoderStage next, char content, int start, int stop) : DecoderStage
    {
        private readonly int _start = start;
        private int _leading = start;
        private int _held;

        public override void Append(string fragment)
        {
            int from = 0;
            while (_leading > 0 && from < fragment.Length)
            {
                if (fragment[from] != content)
                {
                    _leading = 0;
                    break;
                }

                _leading--;
                from++;
            }

            int to = fragment.Length;
            while (to > from && fragment[to - 1] == content && fragment.Length - to < stop)
            {
                to--;
            }

            int trailing = fragment.Length - to;
            if (to > from)
            {
                next.Append(new string(content, _held) + fragment[from..to]);
                _held = trailing;
                return;
            }

            _held += trailing;
            if (_held > stop)
            {
                next.Append(new string(content, _held - stop));
                _held = stop;
            }
        }

        public override void EndToken()
        {
            _leading = _start;
            _held = 0;
            next.EndToken();
        }

        public override void Complete() => next.Complete();
    }
}
