namespace XLLM.Text.Tokenizers.Decoders;

/// <summary>
/// One step of decoding one stream: gets tokens as fragments with a mark at each token's end, and hands on what cannot change
/// any more.
/// </summary>
internal abstract class DecoderStage
{
    public abstract void Append(string fragment);

    public abstract void EndToken();

    /// <summary>No more tokens come: hands on everything held, then completes the next stage.</summary>
    public abstract void Complete();
}
