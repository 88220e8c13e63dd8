using System.Collections.Immutable;
using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Structure;

/// <summary>The form that a request's answers must have.</summary>
/// <param name="Root">What the engine keeps.</param>
/// <param name="Leaves">Its parts that can be refused, to be checked before the request is submitted.</param>
internal sealed record AnswerStructure(OutputStructure Root, ImmutableArray<StructureLeaf> Leaves)
{
    /// <summary>Bounds the thoughts; null = not bounded.</summary>
    public ThinkingBudget? Thinking { get; init; }
}
