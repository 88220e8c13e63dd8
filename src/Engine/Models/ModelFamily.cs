namespace XLLM.Engine.Models;

/// <summary>
/// A kind of model: what its configuration means and which ops its layers are. Adding one is a new class and a line in
/// <see cref="ModelFamilies"/>.
/// </summary>
internal abstract class ModelFamily
{
    /// <summary>model_type in config.json and general.architecture in GGUF.</summary>
    public abstract string Name { get; }

    /// <summary>q, k and v have biases whatever the configuration says.</summary>
    public virtual bool AlwaysQkvBias => false;

    public virtual SlidingWindowRule SlidingWindow => SlidingWindowRule.None;

    /// <summary>
    /// GGUF files of this architecture have the rows of q and k permuted so that rotary pairs lie side by side.
    /// </summary>
    public virtual bool GgufPermutesRotaryPairs => false;

    /// <summary>Records the whole model, from tokens to logits.</summary>
    public abstract ModelProgram Record(ModelConfig config);
}
