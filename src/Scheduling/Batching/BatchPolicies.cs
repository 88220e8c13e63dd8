namespace XLLM.Scheduling.Batching;

/// <summary>The policies that configuration can name.</summary>
public static class BatchPolicies
{
    private static readonly IBatchPolicy[] All = [new DecodeFirstPolicy(), new PrefillFirstPolicy()];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(policy => policy.Name)];

    /// <summary>The policy of that name, or null.</summary>
    public static IBatchPolicy? Find(string name) => Array.Find(All, policy => policy.Name == name);
}
