using System.Text;

namespace XLLM.Text.Tokenizers.Decoders;

/// <summary>
/// Turns tokens back into text. A decoder is a recipe for a <see cref="DecoderStage"/>, which works on a stream of tokens, so
/// that decoding at once and decoding bit by bit are one code.
/// </summary>
internal abstract class TokenDecoder
{
    /// <summary>A fresh stage that hands its result to <paramref name="next"/>.</summary>
    public abstract DecoderStage Start(DecoderStage next);

    /// <summary>The bytes a token stands for in the middle of a text.</summary>
    public byte[] BytesOf(string token) => RawBytes(token) ?? Encoding.UTF8.GetBytes(Rewrite(token));

    /// <summary>The bytes of a token that stands for bytes rather than text; else null.</summary>
    public virtual byte[]? RawBytes(string token) => null;

    /// <summary>What becomes of a token in the middle of a text.</summary>
    public virtual string Rewrite(string token) => token;
}
