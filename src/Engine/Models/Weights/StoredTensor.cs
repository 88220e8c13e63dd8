using System.Collections.Immutable;
using XLLM.Formats.Gguf;

namespace XLLM.Engine.Models.Weights;

/// <summary>
/// A tensor as it lies in a mapped file. <c>Type</c> is null for a type that no kernel knows, which <c>TypeName</c> names.
/// Outermost dimension first. <c>Data</c> is valid while the source is open.
/// </summary>
internal sealed record StoredTensor(
    string Name, GgufType? Type, string TypeName, ImmutableArray<long> Shape, nint Data, long Bytes)
{
    public long Elements => Shape.Aggregate(1L, (a, b) => a * b);
}
