namespace XLLM.Text.Tokenizers.Decoders;

/// <summary>Several decoders, one after the other.</summary>
internal sealed class SequenceDecoder(IReadOnlyList<TokenDecoder> steps) : TokenDecoder
{
    public override DecoderStage Start(DecoderStage next) => steps.Reverse().Aggregate(next, (stage, step) => step.Start(stage));

    public override byte[]? RawBytes(string token)
    {
        foreach (TokenDecoder step in steps)
        {
            if (step.RawBytes(token) is { } bytes)
            {
                return bytes;
            }

            token = step.Rewrite(token);
        }

        return null;
    }

    public override string Rewrite(string token) => steps.Aggregate(token, (t, step) => step.Rewrite(t));
}
