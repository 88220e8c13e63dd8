using XLLM.Contracts.Ids;

namespace XLLM.Scheduling.Routing;

/// <summary>The cheapest way found for an instance to begin a prompt.</summary>
/// <param name="HitTokens">Leading tokens it need not compute, fewer than the prompt.</param>
/// <param name="LoadSeconds">Time to bring their KV into its pool.</param>
/// <param name="ComputeSeconds">Predicted time of the rest.</param>
/// <param name="FetchFrom">Instance whose blocks are taken, or null.</param>
/// <param name="FetchBlocks">How many leading blocks of it.</param>
internal readonly record struct PrefixOffer(
    int HitTokens, double LoadSeconds, double ComputeSeconds, InstanceId? FetchFrom, int FetchBlocks)
{
    public double Seconds => LoadSeconds + ComputeSeconds;
}
