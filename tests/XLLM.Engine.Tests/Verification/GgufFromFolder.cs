using XLLM.Engine.Models;
using XLLM.Engine.Models.Weights;
using XLLM.Formats.Gguf;
using XLLM.Formats.Safetensors;
using XLLM.Formats.Tests.Gguf;

namespace XLLM.Engine.Tests.Verification;

/// <summary>
/// Writes a Hugging Face folder as GGUF, as its converters do: Llama's q and k permuted so that rotary pairs lie side by side,
/// Llama 3's scaling as rope_freqs.weight, Mistral as Llama.
/// </summary>
internal static class GgufFromFolder
{
    public static byte[] Convert(string folder)
    {
        ModelConfig config = HuggingFaceConfig.Read(folder);
        string architecture = config.Architecture == "mistral" ? "llama" : config.Architecture;
        var builder = new GgufBuilder();
        builder.Add("general.architecture", architecture);
        Sizes(builder, architecture + ".", config);
        Rope(builder, architecture + ".", config);
        using SafetensorsFolder source = SafetensorsFolder.Open(folder);
        foreach (SafetensorsTensor tensor in source.Tensors.Values)
        {
            bool permuted = architecture == "llama" && (tensor.Name.Contains("q_proj.") || tensor.Name.Contains("k_proj."));
            int heads = tensor.Name.Contains("q_proj.") ? config.Heads : config.KvHeads;
            byte[] data = permuted ? Permute(tensor, heads, config.HeadDim) : tensor.Data.ToArray();
            Enum.TryParse(tensor.Type.ToString(), out GgufType type);
            builder.AddTensor(GgufNames.Of(tensor.Name), (uint)type, [.. tensor.Shape.Reverse().Select(d => (ulong)d)], data);
        }

        return builder.Build();
    }

    private static void Sizes(GgufBuilder builder, string prefix, ModelConfig config)
    {
        builder.Add(prefix + "embedding_length", (uint)config.HiddenSize);
        builder.Add(prefix + "feed_forward_length", (uint)config.IntermediateSize);
        builder.Add(prefix + "block_count", (uint)config.Layers);
        builder.Add(prefix + "context_length", (uint)config.ContextLength);
        builder.Add(prefix + "attention.head_count", (uint)config.Heads);
        builder.Add(prefix + "attention.head_count_kv", (uint)config.KvHeads);
        builder.Add(prefix + "attention.key_length", (uint)config.HeadDim);
        builder.Add(prefix + "attention.value_length", (uint)config.HeadDim);
        builder.Add(prefix + "attention.layer_norm_rms_epsilon", config.NormEpsilon);
        if (config.Windows[0] > 0)
        {
            builder.Add(prefix + "attention.sliding_window", (uint)config.Windows[0]);
        }
    }

    private static void Rope(GgufBuilder builder, string prefix, ModelConfig config)
    {
        RopeConfig rope = config.Rope;
        builder.Add(prefix + "rope.freq_base", (float)rope.Theta);
        builder.Add(prefix + "rope.dimension_count", (uint)config.HeadDim);
        if (rope.Scaling == RopeScaling.Yarn)
        {
            builder.Add(prefix + "rope.scaling.type", "yarn");
            builder.Add(prefix + "rope.scaling.factor", (float)rope.Factor);
            builder.Add(prefix + "rope.scaling.original_context_length", (uint)rope.OriginalContext);
        }
        else if (rope.Scaling == RopeScaling.Llama3)
        {
            float[] plain = RopeFrequencies.Compute(rope with { Scaling = RopeScaling.None }, config.HeadDim).InverseFrequencies;
            float[] scaled = RopeFrequencies.Compute(rope, config.HeadDim).InverseFrequencies;
            byte[] divisors = [.. plain.Zip(scaled).SelectMany(f => BitConverter.GetBytes(f.First / f.Second))];
            builder.AddTensor("rope_freqs.weight", (uint)GgufType.F32, [(ulong)plain.Length], divisors);
        }
    }

    private static byte[] Permute(SafetensorsTensor tensor, int heads, int headDim)
    {
        ReadOnlySpan<byte> source = tensor.Data;
        byte[] target = new byte[source.Length];
        int row = source.Length / (heads * headDim);
        for (int head = 0; head < heads; head++)
        {
            for (int i = 0; i < headDim; i++)
            {
                int from = head * headDim + (i % 2) * (headDim / 2) + i / 2;
                source.Slice(from * row, row).CopyTo(target.AsSpan((head * headDim + i) * row));
            }
        }

        return target;
    }
}
