using System.Collections.Immutable;
using XLLM.Engine.Interop;
using XLLM.Engine.Memory;
using XLLM.Engine.Models;
using XLLM.Engine.Models.Weights;
using XLLM.Formats;

namespace XLLM.Engine.Execution;

/// <summary>
/// What a step of a model costs at least, from its real shapes: multiply-adds, and bytes that must be read. It knows nothing of
/// any machine or kernel.
/// </summary>
public sealed record ModelCost
{
    private const string UntiedHead = "lm_head.weight";

    /// <summary>Multiply-adds of all matrices of the layers for one token.</summary>
    public required long LayerMacs { get; init; }

    /// <summary>Multiply-adds of the output matrix for one row of logits.</summary>
    public required long HeadMacs { get; init; }

    /// <summary>Bytes of all matrices as they lie in the file, the output matrix included, each once.</summary>
    public required long MatrixBytes { get; init; }

    public required int Heads { get; init; }

    public required int KvHeads { get; init; }

    public required int HeadDim { get; init; }

    /// <summary>Bytes of K, or of V, of one token and KV head.</summary>
    public required long KvRowBytes { get; init; }

    /// <summary>For each layer, the tokens that attention sees; 0 = all.</summary>
    public required ImmutableArray<int> Windows { get; init; }

    /// <summary>Multiply-adds of attention (scores and values) for tokens [first, first + count) of one sequence.</summary>
    public long AttentionMacs(int first, int count)
    {
        long seen = 0;
        foreach (int window in Windows)
        {
            for (int i = first; i < first + count; i++)
            {
                seen += Seen(window, i + 1);
            }
        }

        return checked(2L * Heads * HeadDim * seen);
    }

    /// <summary>Bytes of K and V that one more token of a sequence of <paramref name="tokens"/> tokens reads.</summary>
    public long KvBytes(int tokens) =>
        checked(2L * KvHeads * KvRowBytes * Windows.Sum(w => (long)Seen(w, tokens)));

    /// <summary>Reads the shapes of a GGUF file or Hugging Face folder; no weights are loaded.</summary>
    /// <exception cref="ModelFormatException">The model is damaged, incomplete or of an unknown kind.</exception>
    public static ModelCost Read(string path, KvType kv)
    {
        ModelLocation location = ModelFiles.Locate(path);
        (ModelConfig config, IWeightSource source) = ModelLoader.Open(location);
        using (source)
        {
            WeightPlan plan = WeightPlan.Make(ModelFamilies.Require(location.Path, config.Architecture).Record(config).Weights, source);
            return Of(config, plan, kv);
        }
    }

    private static ModelCost Of(ModelConfig config, WeightPlan plan, KvType kv)
    {
        long layers = 0;
        long head = 0;
        long bytes = 0;
        foreach ((WeightRequest request, StoredTensor tensor) in plan.Tensors)
        {
            if (!request.Usage.HasFlag(WeightUsage.Matrix))
            {
                continue;
            }

            bool output = request.Usage.HasFlag(WeightUsage.Table) || request.Name == UntiedHead;
            head += output ? tensor.Elements : 0;
            layers += output ? 0 : tensor.Elements;
            bytes += tensor.Bytes;
        }

        return new ModelCost
        {
            LayerMacs = layers,
            HeadMacs = head,
            MatrixBytes = bytes,
            Heads = config.Heads,
            KvHeads = config.KvHeads,
            HeadDim = config.HeadDim,
            KvRowBytes = MemoryPlan.RowBytes(config, kv),
            Windows = config.Windows,
        };
    }

    private static int Seen(int window, int tokens) => window == 0 ? tokens : Math.Min(window, tokens);
}
