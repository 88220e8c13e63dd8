namespace XLLM.Engine.Models.Weights;

/// <summary>What GGUF calls the tensors of the dense families, by their Hugging Face names.</summary>
internal static class GgufNames
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

    /// <summary>The name in GGUF; the given one when it has none.</summary>
    public static string Of(string name)
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
}
