using System.Text.Json;

namespace XLLM.Gateway.Structure;

/// <summary>A tool that is offered, as far as the form of its calls goes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Parameters">JSON Schema of its arguments, an object; undefined = it takes none.</param>
/// <param name="Path">Where the request has its name.</param>
/// <param name="ParametersPath">Where the request has the schema.</param>
/// <param name="IsStrict">Its arguments must satisfy the schema whenever it is called.</param>
internal sealed record ToolTerms(string Name, JsonElement Parameters, string Path, string ParametersPath, bool IsStrict);
