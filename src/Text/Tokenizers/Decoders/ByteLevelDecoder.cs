using System.Buffers;
using System.Text;

namespace XLLM.Text.Tokenizers.Decoders;

/// <summary>
/// Tokens written in <see cref="ByteAlphabet"/> become bytes, and these one UTF-8 text; what is not UTF-8 becomes U+FFFD.
/// </summary>
internal sealed class ByteLevelDecoder : TokenDecoder
{
    public override DecoderStage Start(DecoderStage next) => new Stage(next);

    public override byte[]? RawBytes(string token) => ByteAlphabet.Decode(token);

    private sealed class Stage(DecoderStage next) : WholeTokenStage(next)
    {
        private readonly System.Text.Decoder _utf8 = Encoding.UTF8.GetDecoder();

        protected override void OnToken(string token) => Write(ByteAlphabet.Decode(token), flush: false);

        protected override void OnComplete()
        {
            Write([], flush: true);
            Next.EndToken();
        }

        private void Write(byte[] bytes, bool flush)
        {
            char[] chars = ArrayPool<char>.Shared.Rent(bytes.Length + 8);
            int count = _utf8.GetChars(bytes, chars, flush);
            if (count > 0)
            {
                Next.Append(new string(chars, 0, count));
            }

            ArrayPool<char>.Shared.Return(chars);
        }
    }
}
