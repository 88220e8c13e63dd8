using System.Text;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Streaming;

namespace XLLM.Gateway.OpenAi;

/// <summary>All deltas of a choice, for a whole answer.</summary>
internal sealed class CollectedChoice
{
    public StringBuilder Text { get; } = new();

    public List<GeneratedToken> Tokens { get; } = [];

    public List<GeneratedToken> Prompt { get; } = [];

    public void Add(ChoiceDelta delta)
    {
        Text.Append(delta.Text);
        Tokens.AddRange(delta.Tokens);
        Prompt.AddRange(delta.Prompt);
    }
}
