using System.Collections.Immutable;

namespace XLLM.Engine.Transfer;

/// <summary>Layers of some consecutive blocks of a prompt have their content, which does not change any more.</summary>
/// <param name="First">Place of the first of the blocks in the prompt's chain.</param>
/// <param name="Blocks">Their ids in the pool, at least one.</param>
/// <param name="FirstLayer">First of the layers.</param>
/// <param name="Layers">How many layers, at least one; all of them = whole blocks.</param>
/// <param name="IsFound">The prefix cache had them: they were not computed for this prompt.</param>
public readonly record struct KvProgress(int First, ImmutableArray<int> Blocks, int FirstLayer, int Layers, bool IsFound = false);
