using XLLM.Engine.Interop;

namespace XLLM.Engine.Models.Families;

/// <summary>
/// The pre-norm decoder that Llama, Mistral, Qwen2 and Qwen3 share: norm, attention with rotary positions, norm, gated
/// feed-forward, each added to the residual stream; then norm and output matrix over the wanted rows.
/// </summary>
internal static class DenseDecoder
{
    public static ModelProgram Record(ModelConfig config, bool qkNorm)
    {
        var layer = new DenseLayer(config, qkNorm);
        ProgramBuilder builder = layer.Builder;
        int hidden = config.HiddenSize;

        WeightUsage head = config.TiedEmbeddings ? WeightUsage.Matrix | WeightUsage.Table : WeightUsage.Table;
        WeightRef embeddings = builder.Weight("model.embed_tokens.weight", head, config.VocabularySize, hidden);
        builder.Embed(layer.Residual, embeddings);
        for (int i = 0; i < config.Layers; i++)
        {
            layer.Record(i);
        }

        BufferRef wanted = builder.Outputs(hidden);
        BufferRef logits = builder.Outputs(config.VocabularySize);
        builder.Gather(wanted, layer.Residual);
        WeightRef norm = builder.Vector("model.norm.weight", hidden);
        builder.RmsNorm(wanted, wanted, norm, config.NormEpsilon);
        builder.Hidden(layer.Residual, norm, config.NormEpsilon);
        WeightRef output = config.TiedEmbeddings
            ? embeddings
            : builder.Weight("lm_head.weight", WeightUsage.Matrix, config.VocabularySize, hidden);
        builder.Linear(logits, wanted, output);
        return builder.Build(logits);
    }
}
