using System.Globalization;
using System.Text;

namespace XLLM.Text.Tokenizers.Decoders;

/// <summary>
/// Joins a run of byte tokens (<c>&lt;0xE2&gt;</c>) to the text their bytes are; when a run is not UTF-8, each of its tokens
/// becomes U+FFFD. Whether it is shows only at its end, so a run is held until then.
/// </summary>
internal sealed class ByteFallbackDecoder : TokenDecoder
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override DecoderStage Start(DecoderStage next) => new Stage(next);

    public override byte[]? RawBytes(string token) => ByteOf(token) is { } b ? [b] : null;

    private static byte? ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
        && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value)
            ? value
            : null;

    private sealed class Stage(DecoderStage next) : WholeTokenStage(next)
    {
        private readonly List<byte> _run = [];

        protected override void OnToken(string token)
        {
            if (ByteOf(token) is { } b)
            {
                _run.Add(b);
                return;
            }

            Flush();
            Emit(token);
        }

        protected override void OnComplete() => Flush();

        private void Flush()
        {
            if (_run.Count == 0)
            {
                return;
            }

            try
            {
                Emit(Strict.GetString(_run.ToArray()));
            }
            catch (DecoderFallbackException)
            {
                _run.ForEach(_ => Emit("\uFFFD"));
            }

            _run.Clear();
        }
    }
}
