using System.Collections.Immutable;
using System.Runtime.InteropServices;
using XLLM.Contracts.Requests;
using XLLM.Formats.Gguf;

namespace XLLM.Engine.Models;

/// <summary>Reads a model's shape from GGUF metadata (ggml docs/gguf.md) and, where that is silent, from its tensors.</summary>
internal static class GgufConfig
{
    private const double MaxTheta = 1e15;
    private const double MaxFactor = 1e6;

    /// <summary>Errors: <see cref="Formats.ModelFormatException"/> naming all problems.</summary>
    public static ModelConfig Read(GgufFile file)
    {
        string architecture = file.Require("general.architecture").AsString();
        ModelFamily family = ModelFamilies.Require(file.Path, architecture);
        var problems = new ConfigProblems(file.Path);
        if (file.FindInt64("split.count") is > 1 and { } parts)
        {
            problems.Add($"it is one of {parts} parts of a model; one whole file was expected (gguf-split --merge joins them)");
        }

        var keys = new GgufKeys(file, architecture, problems);
        ModelConfig config = Read(file, keys, family);
        ConfigChecks.Check(config, problems);
        problems.Throw();
        return config;
    }

    private static ModelConfig Read(GgufFile file, GgufKeys keys, ModelFamily family)
    {
        int hidden = keys.Int("embedding_length", 1, ConfigChecks.MaxHidden);
        int heads = keys.Int("attention.head_count", 1, ConfigChecks.MaxHeads);
        int layers = keys.Int("block_count", 1, ConfigChecks.MaxLayers);
        int context = keys.Int("context_length", 1, ConfigChecks.MaxContext);
        int headDim = keys.Int("attention.key_length", 2, ConfigChecks.MaxHeadDim, Math.Max(2, hidden / heads));
        int window = keys.Int("attention.sliding_window", 0, ConfigChecks.MaxContext, 0);
        Expect(keys, "attention.value_length", headDim);
        Expect(keys, "rope.dimension_count", headDim);
        Expect(keys, "expert_count", 0);
        return new ModelConfig
        {
            Architecture = family.Name,
            Title = file.FindString("general.name") ?? "",
            HiddenSize = hidden,
            IntermediateSize = keys.Int("feed_forward_length", 1, ConfigChecks.MaxIntermediate),
            Layers = layers,
            Heads = heads,
            KvHeads = keys.Int("attention.head_count_kv", 1, ConfigChecks.MaxHeads, heads),
            HeadDim = headDim,
            VocabularySize = Vocabulary(file, keys.Problems),
            ContextLength = context,
            NormEpsilon = (float)keys.Real("attention.layer_norm_rms_epsilon", 0, 1),
            TiedEmbeddings = !file.Tensors.ContainsKey("output.weight"),
            QkvBias = family.AlwaysQkvBias || file.Tensors.ContainsKey("blk.0.attn_q.bias"),
            OutputBias = file.Tensors.ContainsKey("blk.0.attn_output.bias"),
            MlpBias = file.Tensors.ContainsKey("blk.0.ffn_up.bias"),
            Rope = Rope(file, keys, family, context),
            Windows = [.. Enumerable.Repeat(window, layers)],
            EndTokens = [.. GgufEndTokens.Find(file).Order()],
            Pooling = Pooling(keys),
        };
    }

    // llama.cpp's numbers: 0 = says nothing, 1 = mean, 2 = CLS, 3 = last, 4 = a rank head. A decoder that says nothing is pooled by
    // its last token, the only one that has seen all of the text.
    private static PoolingKind Pooling(GgufKeys keys) => keys.Int("pooling_type", -1, int.MaxValue, 0) switch
    {
        <= 0 or 3 => PoolingKind.Last,
        1 => PoolingKind.Mean,
        2 => PoolingKind.First,
        _ => PoolingKind.None,
    };

    private static void Expect(GgufKeys keys, string name, int expected)
    {
        if (keys.Has(name) && keys.Int(name, 0, int.MaxValue) is var found && found != expected)
        {
            keys.Problems.Add($"{name} is {found}; {expected} was expected for this family");
        }
    }

    private static int Vocabulary(GgufFile file, ConfigProblems problems)
    {
        if (!file.Tensors.TryGetValue("token_embd.weight", out GgufTensor? table))
        {
            problems.Add("tensor 'token_embd.weight' is missing");
            return 1;
        }

        return problems.Range("the rows of 'token_embd.weight'", table.Shape[0], 1, ConfigChecks.MaxVocabulary);
    }

    private static RopeConfig Rope(GgufFile file, GgufKeys keys, ModelFamily family, int context)
    {
        var rope = new RopeConfig
        {
            Theta = keys.Real("rope.freq_base", 1e-3, MaxTheta, 10_000),
            Interleaved = family.GgufPermutesRotaryPairs,
            Divisors = Divisors(file),
        };
        string type = keys.Text("rope.scaling.type") ?? (keys.Has("rope.scale_linear") ? "linear" : "none");
        switch (type)
        {
            case "none":
                return rope;
            case "linear":
                string key = keys.Has("rope.scaling.factor") ? "rope.scaling.factor" : "rope.scale_linear";
                return rope with { Scaling = RopeScaling.Linear, Factor = keys.Real(key, 1e-3, MaxFactor) };
            case "yarn":
                return Yarn(rope, keys, context);
            default:
                keys.Problems.Add($"rope scaling '{type}' is not supported; none, linear and yarn are");
                return rope;
        }
    }

    private static RopeConfig Yarn(RopeConfig rope, GgufKeys keys, int context)
    {
        double factor = keys.Real("rope.scaling.factor", 1e-3, MaxFactor);
        double scale = keys.Real("rope.scaling.attn_factor", 1e-6, MaxFactor, 1);
        return rope with
        {
            Scaling = RopeScaling.Yarn,
            Factor = factor,
            OriginalContext = keys.Int("rope.scaling.original_context_length", 1, ConfigChecks.MaxContext, context),
            BetaFast = keys.Real("rope.scaling.yarn_beta_fast", 1e-6, MaxFactor, 32),
            BetaSlow = keys.Real("rope.scaling.yarn_beta_slow", 1e-6, MaxFactor, 1),
            AttentionFactor = scale * (factor <= 1 ? 1 : 0.1 * Math.Log(factor) + 1),
        };
    }

    // Llama 3's scaling comes as one divisor a frequency.
    private static float[]? Divisors(GgufFile file) =>
        file.Tensors.TryGetValue("rope_freqs.weight", out GgufTensor? tensor)
        && tensor.Type == GgufType.F32
        && tensor.Elements <= ConfigChecks.MaxHeadDim
            ? MemoryMarshal.Cast<byte, float>(tensor.Data).ToArray()
            : null;
}
