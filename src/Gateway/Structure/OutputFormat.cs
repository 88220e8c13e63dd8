using System.Text.Json;
using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Structure;

/// <summary>The form that a request wants its answer's text to have. Immutable; its JSON lives as long as the request's body.</summary>
/// <param name="Leaf">The form, and where the request says it.</param>
/// <param name="Given">The field that says it, for answers that repeat it.</param>
internal sealed record OutputFormat(StructureLeaf Leaf, JsonElement Given)
{
    public OutputStructure Node => Leaf.Node;

    public string Path => Leaf.Path;

    /// <summary>JSON, or a text of another form.</summary>
    public bool IsJson => Node.Kind == StructureKind.JsonSchema;
}
