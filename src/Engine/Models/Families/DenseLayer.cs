using XLLM.Engine.Interop;

namespace XLLM.Engine.Models.Families;

/// <summary>Records the layers of a dense decoder over one set of buffers.</summary>
internal sealed class DenseLayer
{
    private readonly ModelConfig _config;
    private readonly bool _qkNorm;
    private readonly int _rope;
    private readonly BufferRef _normed, _q, _k, _v, _attended, _gate, _up;

    public DenseLayer(ModelConfig config, bool qkNorm)
    {
        _config = config;
        _qkNorm = qkNorm;
        _rope = Builder.Rope(RopeFrequencies.Compute(config.Rope, config.HeadDim));
        Residual = Builder.Tokens(config.HiddenSize);
        _normed = Builder.Tokens(config.HiddenSize);
        _q = Builder.Tokens(config.Heads * config.HeadDim);
        _k = Builder.Tokens(config.KvHeads * config.HeadDim);
        _v = Builder.Tokens(config.KvHeads * config.HeadDim);
        _attended = Builder.Tokens(config.Heads * config.HeadDim);
        _gate = Builder.Tokens(config.IntermediateSize);
        _up = Builder.Tokens(config.IntermediateSize);
    }

    public ProgramBuilder Builder { get; } = new();

    /// <summary>The residual stream.</summary>
    public BufferRef Residual { get; }

    public void Record(int layer)
    {
        string prefix = $"model.layers.{layer}.";
        Attention(layer, prefix);
        FeedForward(prefix);
    }

    private void Attention(int layer, string prefix)
    {
        int hidden = _config.HiddenSize, dim = _config.HeadDim;
        Builder.RmsNorm(_normed, Residual, Builder.Vector(prefix + "input_layernorm.weight", hidden), _config.NormEpsilon);
        Project(_q, _normed, prefix + "self_attn.q_proj", _config.QkvBias);
        Project(_k, _normed, prefix + "self_attn.k_proj", _config.QkvBias);
        Project(_v, _normed, prefix + "self_attn.v_proj", _config.QkvBias);
        if (_qkNorm)
        {
            Builder.RmsNorm(_q, _q, Builder.Vector(prefix + "self_attn.q_norm.weight", dim), _config.NormEpsilon, dim);
            Builder.RmsNorm(_k, _k, Builder.Vector(prefix + "self_attn.k_norm.weight", dim), _config.NormEpsilon, dim);
        }

        Builder.Rotate(_q, _config.Heads, dim, _rope, _config.Rope.Interleaved);
        Builder.Rotate(_k, _config.KvHeads, dim, _rope, _config.Rope.Interleaved);
        Builder.Attention(_attended, _q, _k, _v, new AttentionShape
        {
            Layer = layer,
            Heads = _config.Heads,
            KvHeads = _config.KvHeads,
            HeadDim = dim,
            Scale = (float)(1 / Math.Sqrt(dim)),
            Window = _config.Windows[layer],
        });
        Project(Residual, _attended, prefix + "self_attn.o_proj", _config.OutputBias, add: true);
    }

    private void FeedForward(string prefix)
    {
        WeightRef norm = Builder.Vector(prefix + "post_attention_layernorm.weight", _config.HiddenSize);
        Builder.RmsNorm(_normed, Residual, norm, _config.NormEpsilon);
        Project(_gate, _normed, prefix + "mlp.gate_proj", _config.MlpBias);
        Project(_up, _normed, prefix + "mlp.up_proj", _config.MlpBias);
        Builder.SwiGlu(_gate, _gate, _up);
        Project(Residual, _gate, prefix + "mlp.down_proj", _config.MlpBias, add: true);
    }

    private void Project(BufferRef output, BufferRef input, string name, bool bias, bool add = false)
    {
        WeightRef weight = Builder.Weight(name + ".weight", WeightUsage.Matrix, output.Width, input.Width);
        Builder.Linear(output, input, weight, bias ? Builder.Vector(name + ".bias", output.Width) : null, add);
    }
}
