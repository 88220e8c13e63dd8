using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Formats;

namespace XLLM.Engine.Models;

/// <summary>
/// Reads config.json and generation_config.json, in the form of before transformers 5 (rope_theta, rope_scaling) and the newer
/// one (rope_parameters).
/// </summary>
internal static class HuggingFaceConfig
{
    private const string CausalLm = "ForCausalLM";

    /// <summary>Errors: <see cref="ModelFormatException"/> naming all problems.</summary>
    public static ModelConfig Read(string folder)
    {
        string path = Path.Combine(folder, "config.json");
        try
        {
            return Read(folder, path);
        }
        catch (InvalidOperationException e)
        {
            // System.Text.Json decodes strings when they are asked for, and says so when they are no Unicode.
            throw new ModelFormatException(
                path, "it, or generation_config.json beside it, has text that is not valid Unicode", e);
        }
    }

    private static ModelConfig Read(string folder, string path)
    {
        using JsonDocument document = ConfigJson.Load(path);
        var problems = new ConfigProblems(path);
        var json = new ConfigJson(document.RootElement, problems);
        ModelFamily family = FindFamily(path, json);
        ModelConfig config = Read(json, family) with { EndTokens = EndTokens(folder, json), Pooling = PoolingConfig.Read(folder) };
        ConfigChecks.Check(config, problems);
        problems.Throw();
        return config;
    }

    private static ModelFamily FindFamily(string path, ConfigJson json)
    {
        string[] architectures = json.Texts("architectures");
        string name = json.Text("model_type") ?? "";
        if (name.Length == 0 && architectures is [{ } first, ..])
        {
            name = first.Replace(CausalLm, "", StringComparison.Ordinal).ToLowerInvariant();
        }

        json.Problems.Throw();
        ModelFamily family = ModelFamilies.Require(path, name);
        if (architectures is [{ } given, ..] && !given.EndsWith(CausalLm, StringComparison.Ordinal))
        {
            json.Problems.Add($"architectures names '{given}'; one that ends in {CausalLm} was expected");
        }

        return family;
    }

    private static ModelConfig Read(ConfigJson json, ModelFamily family)
    {
        int hidden = json.Int("hidden_size", 1, ConfigChecks.MaxHidden);
        int heads = json.Int("num_attention_heads", 1, ConfigChecks.MaxHeads);
        int layers = json.Int("num_hidden_layers", 1, ConfigChecks.MaxLayers);
        int context = json.Int("max_position_embeddings", 1, ConfigChecks.MaxContext, 2_048);
        string activation = json.Text("hidden_act") ?? "silu";
        if (activation is not ("silu" or "swish"))
        {
            json.Problems.Add($"hidden_act is '{activation}'; 'silu' was expected");
        }

        if (!json.Has("head_dim") && hidden % heads != 0)
        {
            json.Problems.Add($"head_dim is missing, and hidden_size {hidden} is no multiple of num_attention_heads {heads}");
        }

        if (json.Object("quantization_config") is { } quantized)
        {
            string method = quantized.Text("quant_method") ?? "unnamed";
            json.Problems.Add($"quantization_config: weights quantised by '{method}' are not supported; F32, F16 and BF16 are");
        }

        bool attentionBias = json.Bool("attention_bias", false);
        return new ModelConfig
        {
            Architecture = family.Name,
            HiddenSize = hidden,
            IntermediateSize = json.Int("intermediate_size", 1, ConfigChecks.MaxIntermediate),
            Layers = layers,
            Heads = heads,
            KvHeads = json.Int("num_key_value_heads", 1, ConfigChecks.MaxHeads, heads),
            HeadDim = json.Int("head_dim", 2, ConfigChecks.MaxHeadDim, Math.Max(2, hidden / heads)),
            VocabularySize = json.Int("vocab_size", 1, ConfigChecks.MaxVocabulary),
            ContextLength = context,
            NormEpsilon = (float)json.Real("rms_norm_eps", 0, 1, 1e-6),
            TiedEmbeddings = json.Bool("tie_word_embeddings", false),
            QkvBias = attentionBias || family.AlwaysQkvBias,
            OutputBias = attentionBias,
            MlpBias = json.Bool("mlp_bias", false),
            Rope = HuggingFaceRope.Read(json, context),
            Windows = Windows(json, family, layers),
        };
    }

    private static ImmutableArray<int> Windows(ConfigJson json, ModelFamily family, int layers)
    {
        int window = json.Int("sliding_window", 1, ConfigChecks.MaxContext, 0);
        bool used = family.SlidingWindow switch
        {
            SlidingWindowRule.AllLayers => window > 0,
            SlidingWindowRule.UpperLayers => window > 0 && json.Bool("use_sliding_window", false),
            _ => false,
        };
        if (!used)
        {
            return [.. Enumerable.Repeat(0, layers)];
        }

        string[] types = json.Texts("layer_types");
        if (types.Length > 0)
        {
            return FromTypes(json, types, layers, window);
        }

        int full = family.SlidingWindow == SlidingWindowRule.AllLayers ? 0 : json.Int("max_window_layers", 0, int.MaxValue, 28);
        return [.. Enumerable.Range(0, layers).Select(i => i >= full ? window : 0)];
    }

    private static ImmutableArray<int> FromTypes(ConfigJson json, string[] types, int layers, int window)
    {
        if (types.Length != layers)
        {
            json.Problems.Add($"layer_types has {types.Length} entries for {layers} layers");
        }

        foreach (string type in types.Where(t => t is not ("full_attention" or "sliding_attention")).Distinct())
        {
            json.Problems.Add($"layer_types has '{type}'; 'full_attention' or 'sliding_attention' was expected");
        }

        return [.. types.Select(t => t == "sliding_attention" ? window : 0)];
    }

    private static ImmutableArray<int> EndTokens(string folder, ConfigJson json)
    {
        IEnumerable<int> ids = json.Ints("eos_token_id");
        string path = Path.Combine(folder, "generation_config.json");
        if (File.Exists(path))
        {
            using JsonDocument document = ConfigJson.Load(path);
            var problems = new ConfigProblems(path);
            ids = ids.Concat(new ConfigJson(document.RootElement, problems).Ints("eos_token_id"));
            problems.Throw();
        }

        return [.. ids.Distinct().Order()];
    }
}
