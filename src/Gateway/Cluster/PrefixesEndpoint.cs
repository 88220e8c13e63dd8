using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Kv;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Keys;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi;

namespace XLLM.Gateway.Cluster;

/// <summary>
/// GET /cluster/prefixes: which beginnings of prompts the cluster has KV of, where, and in which tier. Hashes and counts, no text; with
/// keys for admins alone, as it tells of the prompts of all.
/// </summary>
internal sealed class PrefixesEndpoint(IFleetView fleet)
{
    private const int DefaultLimit = 200;
    private const int MaxLimit = 2000;

    public async Task HandleAsync(HttpContext context)
    {
        if (context.Features.Get<KeyUse>() is { IsAdmin: false })
        {
            throw ApiException.Of(DoorErrors.AdminOnly, "The prefixes of all prompts are told to an admin's key only.");
        }

        int limit = QueryLimit.Of(context.Request.Query, DefaultLimit, MaxLimit);
        FleetSnapshot snapshot = await fleet.GetAsync();
        ImmutableArray<PrefixTree> trees = await fleet.GetPrefixesAsync(limit);
        int blockTokens = snapshot.Instances.FirstOrDefault()?.Descriptor.BlockTokens ?? 0;
        List<(PrefixTree Tree, int Index)> chosen = Choose(trees, limit);
        await JsonAnswer.WriteAsync(context.Response, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("block_tokens", blockTokens);
            json.WriteNumber("blocks", trees.Sum(t => t.Blocks));
            json.WriteNumber("chains", trees.Sum(t => t.Chains));
            json.WriteStartArray("segments");
            Dictionary<(PrefixTree, int), int> places = new(chosen.Count);
            foreach ((PrefixTree tree, int index) in chosen)
            {
                places.Add((tree, index), places.Count);
                PrefixSegment segment = tree.Segments[index];
                Write(json, segment, segment.Parent < 0 ? -1 : places[(tree, segment.Parent)], blockTokens);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    // Those found most of all trees. A segment comes after the one it follows, however that was counted.
    private static List<(PrefixTree Tree, int Index)> Choose(ImmutableArray<PrefixTree> trees, int limit)
    {
        List<(PrefixTree Tree, int Index, long Rank)> all = [];
        foreach (PrefixTree tree in trees)
        {
            int begin = all.Count;
            for (int i = 0; i < tree.Segments.Length; i++)
            {
                PrefixSegment segment = tree.Segments[i];
                all.Add((tree, i, segment.Parent < 0 ? segment.Hits : Math.Min(segment.Hits, all[begin + segment.Parent].Rank)));
            }
        }

        return [.. all.OrderByDescending(x => x.Rank).Take(limit).Select(x => (x.Tree, x.Index))];
    }

    private static void Write(Utf8JsonWriter json, PrefixSegment segment, int parent, int blockTokens)
    {
        json.WriteStartObject();
        json.WriteString("id", segment.First.ToString());
        json.WriteNumber("parent", parent);
        json.WriteNumber("blocks", segment.Blocks);
        json.WriteNumber("tokens", (long)segment.Blocks * blockTokens);
        json.WriteNumber("hits", segment.Hits);
        json.WriteStartArray("holders");
        foreach (PrefixHolder holder in segment.Holders)
        {
            json.WriteStartObject();
            json.WriteString("instance", holder.Instance.Value);
            json.WriteNumber("pool", holder.Pool);
            json.WriteNumber("host", holder.Host);
            json.WriteNumber("disk", holder.Disk);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
