namespace XLLM.Engine.Models.Families;

/// <summary>Qwen3, dense: every head of q and k is normalised before it is rotated.</summary>
internal sealed class Qwen3Family : ModelFamily
{
    public override string Name => "qwen3";

    public override SlidingWindowRule SlidingWindow => SlidingWindowRule.UpperLayers;

    public override ModelProgram Record(ModelConfig config) => DenseDecoder.Record(config, qkNorm: true);
}
