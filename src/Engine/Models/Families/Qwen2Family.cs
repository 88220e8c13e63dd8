namespace XLLM.Engine.Models.Families;

/// <summary>Qwen2 and Qwen2.5: biases on q, k and v.</summary>
internal sealed class Qwen2Family : ModelFamily
{
    public override string Name => "qwen2";

    public override bool AlwaysQkvBias => true;

    public override SlidingWindowRule SlidingWindow => SlidingWindowRule.UpperLayers;

    public override ModelProgram Record(ModelConfig config) => DenseDecoder.Record(config, qkNorm: false);
}
