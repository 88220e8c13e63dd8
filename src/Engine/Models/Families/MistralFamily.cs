namespace XLLM.Engine.Models.Families;

/// <summary>Mistral 7B and what has its shape: Llama with a sliding window in every layer.</summary>
internal sealed class MistralFamily : ModelFamily
{
    public override string Name => "mistral";

    public override SlidingWindowRule SlidingWindow => SlidingWindowRule.AllLayers;

    public override bool GgufPermutesRotaryPairs => true;

    public override ModelProgram Record(ModelConfig config) => DenseDecoder.Record(config, qkNorm: false);
}
