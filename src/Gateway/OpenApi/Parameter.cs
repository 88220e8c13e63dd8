using System.Text.Json.Nodes;

namespace XLLM.Gateway.OpenApi;

/// <summary>A parameter of a route: a part of its path, or of the query.</summary>
internal sealed record Parameter(string Name, JsonObject Schema, bool IsPath = false);
