using XLLM.Contracts.Ids;

namespace XLLM.Scheduling.Routing;

/// <summary>A request a router has sent and not yet seen end. Split when the two instances differ.</summary>
internal sealed record Flight(
    InstanceId Prefill, InstanceId Decode, int PromptTokens, int ComputedTokens, string? Group, DateTimeOffset Sent)
{
    /// <summary>Time to the first token that its plan expected; NaN = none.</summary>
    public double ExpectedTtft { get; init; } = double.NaN;

    /// <summary>Its first token has come: the prompt is computed.</summary>
    public bool Decoding { get; set; }

    public bool IsSplit => Prefill != Decode;

    public Assigned PrefillWork => new(1, ComputedTokens);

    public Assigned DecodeWork => new(0, 0, 1, PromptTokens);
}
