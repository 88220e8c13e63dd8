namespace XLLM.Engine.Models.Families;

/// <summary>Llama 1 to 3 and what has its shape (SmolLM2, and Mistral in GGUF files).</summary>
internal sealed class LlamaFamily : ModelFamily
{
    public override string Name => "llama";

    public override bool GgufPermutesRotaryPairs => true;

    public override ModelProgram Record(ModelConfig config) => DenseDecoder.Record(config, qkNorm: false);
}
