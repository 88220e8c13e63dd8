using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Kv;
using XLLM.Contracts.Requests;
using XLLM.Contracts.Routing;
using XLLM.Scheduling.Blocks;

namespace XLLM.Grains.Requests;

/// <summary>Where the KV of a request is or will be, from a plan and the fleet. Pure.</summary>
internal static class KvSources
{
    /// <summary>
    /// The chain of the request's full blocks, prompt and resumed tokens together; empty when it has no block hashes, which means
    /// that its KV must not be shared.
    /// </summary>
    public static ImmutableArray<BlockHash> Chain(InferenceRequest request, FleetSnapshot fleet, BlockHashKey key)
    {
        int blockTokens = fleet.Instances.FirstOrDefault(x => x.Descriptor.Model.Name == request.Model)?.Descriptor.BlockTokens ?? 0;
        if (request.BlockHashes.IsDefaultOrEmpty || request.Resumed.IsDefaultOrEmpty || blockTokens < 1
            || request.BlockHashes.Length != request.PromptTokens.Length / blockTokens)
        {
            return request.BlockHashes;
        }

        var hasher = new BlockHasher(blockTokens, key.Seed);
        int[] tokens = [.. request.PromptTokens, .. request.Resumed];
        ImmutableArray<BlockHash>.Builder chain = ImmutableArray.CreateBuilder<BlockHash>(tokens.Length / blockTokens);
        chain.AddRange(request.BlockHashes);
        while (chain.Count < tokens.Length / blockTokens)
        {
            chain.Add(hasher.Next(chain[^1], tokens.AsSpan(chain.Count * blockTokens, blockTokens)));
        }

        return chain.MoveToImmutable();
    }

    /// <summary>The instance that computes the prompt of a Split plan; null when the decode instance has to.</summary>
    public static KvSource? Push(InferenceRequest request, RoutePlan plan, KvLease lease, FleetSnapshot fleet)
    {
        if (plan.IsMixed || lease.Endpoint is null || request.BlockHashes.IsDefaultOrEmpty
            || Find(plan.Prefill, fleet)?.Descriptor.Kv is not { } endpoint)
        {
            return null;
        }

        return new KvSource { Endpoint = endpoint, Blocks = request.BlockHashes.Length, IsPush = true };
    }

    /// <summary>What the plan fetches from another instance; null = nothing.</summary>
    public static KvSource? Fetch(RoutePlan plan, FleetSnapshot fleet) =>
        plan.FetchFrom is { } from && plan.FetchBlocks > 0 && Find(from, fleet)?.Descriptor.Kv is { } endpoint
            ? new KvSource { Endpoint = endpoint, Blocks = plan.FetchBlocks }
            : null;

    /// <summary>The source, unless it is the instance that decodes.</summary>
    public static KvSource? Other(KvSource? source, RoutePlan plan) => source?.Endpoint.Instance == plan.Decode ? null : source;

    /// <summary>What an instance that hands a request over has of it: its full blocks. Null when it cannot give them.</summary>
    public static KvSource? HandedOver(InferenceRequest request, InstanceStatus? from)
    {
        if (from?.Descriptor.Kv is not { } endpoint || request.BlockHashes.IsDefaultOrEmpty)
        {
            return null;
        }

        // The newest token's KV is not there: it is computed in the step that would have followed.
        int tokens = request.PromptTokens.Length + request.Resumed.AsSpan().Length - 1;
        int blocks = tokens / from.Descriptor.BlockTokens;
        return blocks > 0 ? new KvSource { Endpoint = endpoint, Blocks = blocks } : null;
    }

    private static InstanceStatus? Find(InstanceId instance, FleetSnapshot fleet) =>
        fleet.Instances.FirstOrDefault(x => x.Descriptor.Id == instance);
}
