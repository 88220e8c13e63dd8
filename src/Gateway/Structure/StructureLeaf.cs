using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Structure;

/// <summary>A part of a structure that can be refused: a schema, a pattern, a grammar.</summary>
/// <param name="Node">The part.</param>
/// <param name="Path">Where the request says it.</param>
internal sealed record StructureLeaf(OutputStructure Node, string Path);
