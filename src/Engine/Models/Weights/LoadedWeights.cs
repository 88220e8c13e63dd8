using XLLM.Engine.Interop;

namespace XLLM.Engine.Models.Weights;

/// <summary>A program's weights on a device, in the order of its requests; what the file had besides.</summary>
internal sealed record LoadedWeights(IReadOnlyList<NativeWeight> Weights, IReadOnlyList<string> Unused) : IDisposable
{
    /// <summary>Bytes on the device.</summary>
    public long Bytes => Weights.Sum(w => w.Bytes);

    public required long Parameters { get; init; }

    /// <summary>The type that has the most elements, e.g. <c>BF16</c>.</summary>
    public required string MainType { get; init; }

    public void Dispose()
    {
        foreach (NativeWeight weight in Weights)
        {
            weight.Dispose();
        }
    }
}
