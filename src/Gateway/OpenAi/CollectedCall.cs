using System.Text;

namespace XLLM.Gateway.OpenAi;

/// <summary>A tool call of a collected answer.</summary>
internal sealed record CollectedCall(string Name)
{
    /// <summary>JSON as the model wrote it.</summary>
    public StringBuilder Arguments { get; } = new();
}
