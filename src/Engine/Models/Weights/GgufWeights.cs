using XLLM.Engine.Interop;
using XLLM.Formats.Gguf;

namespace XLLM.Engine.Models.Weights;

/// <summary>Tensors of a GGUF file.</summary>
internal sealed unsafe class GgufWeights(GgufFile file) : IWeightSource
{
    private const string LayerPrefix = "model.layers.";

    private static readonly Dictionary<string, string> Top = new(StringComparer.Ordinal)
    {
        ["model.embed_tokens"] = "token_embd",
        ["model.norm"] = "output_norm",
        ["lm_head"] = "output",
    };

    private static readonly Dictionary<string, string> Layer = new(StringComparer.Ordinal)
    {
        ["self_attn.q_proj"] = "attn_q",
        ["self_attn.k_proj"] = "attn_k",
        ["self_attn.v_proj"] = "attn_v",
        ["self_attn.o_proj"] = "attn_output",
        ["self_attn.q_norm"] = "attn_q_norm",
        ["self_attn.k_norm"] = "attn_k_norm",
        ["mlp.gate_proj"] = "ffn_gate",
        ["mlp.up_proj"] = "ffn_up",
        ["mlp.down_proj"] = "ffn_down",
        ["input_layernorm"] = "attn_norm",
        ["post_attention_layernorm"] = "ffn_norm",
    };

    public string Path => file.Path;

    // rope_freqs.weight is read with the configuration.
    public IEnumerable<string> Names => file.Tensors.Keys.Where(n => n != "rope_freqs.weight");

    public StoredTensor? Find(string name)
    {
        if (!file.Tensors.TryGetValue(NameInFile(name), out GgufTensor? tensor))
        {
            return null;
        }

        GgufType? type = NativeTypes.FindLayout(tensor.Type) is null ? null : tensor.Type;
        return new StoredTensor(tensor.Name, type, tensor.Type.ToString(), tensor.Shape, (nint)tensor.Pointer, tensor.Bytes);
    }

    public string NameInFile(string name)
    {
        int dot = name.LastIndexOf('.');
        string stem = name[..dot], suffix = name[dot..];
        if (Top.TryGetValue(stem, out string? top))
        {
            return top + suffix;
        }

        string[] parts = stem.StartsWith(LayerPrefix, StringComparison.Ordinal) ? stem[LayerPrefix.Length..].Split('.', 2) : [];
        return parts.Length == 2 && Layer.TryGetValue(parts[1], out string? layer) ? $"blk.{parts[0]}.{layer}{suffix}" : name;
    }

    public void Dispose() => file.Dispose();
}
