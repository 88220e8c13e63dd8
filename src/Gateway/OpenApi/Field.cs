using System.Text.Json.Nodes;

namespace XLLM.Gateway.OpenApi;

/// <summary>A property of an object.</summary>
internal sealed record Field(string Name, JsonObject Schema, bool IsRequired = false)
{
    /// <summary>Fields that must be given too for this one to be taken.</summary>
    public Field Beside(JsonObject others)
    {
        Schema["x-with"] = others;
        return this;
    }
}
