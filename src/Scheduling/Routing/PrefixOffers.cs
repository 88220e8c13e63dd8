using XLLM.Contracts.Fleet;
using XLLM.Contracts.Kv;
using XLLM.Scheduling.Fleet;

namespace XLLM.Scheduling.Routing;

/// <summary>
/// The report's three steps of routing by the global KV cache (3.4): the hits by instance and tier are matched to a candidate, the
/// time of each way is predicted with the cost of its tier, the quickest is taken.
/// </summary>
internal sealed class PrefixOffers
{
    private readonly RouteContext _context;
    private readonly RoutingOptions _options;
    private readonly int _prompt;
    private readonly InstanceStatus? _peer;
    private readonly int _peerBlocks;

    /// <summary>Without <paramref name="fetches"/> every instance is offered only what it holds itself.</summary>
    public PrefixOffers(RouteContext context, RoutingOptions options, bool fetches = true)
    {
        _context = context;
        _options = options;
        _prompt = context.Request.PromptTokens + context.Request.ResumedTokens;
        foreach (PrefixHit hit in context.Hits)
        {
            // A peer can be asked whatever its role and load are, but not when it is gone.
            if (fetches && hit.WithDisk > _peerBlocks
                && context.Fleet.Instances.FirstOrDefault(x => x.Descriptor.Id == hit.Instance) is { Load.Fault: null } status
                && status.Health is InstanceHealth.Ready or InstanceHealth.Draining
                && status.Descriptor.Model.Name == context.Request.Model)
            {
                _peer = status;
                _peerBlocks = hit.WithDisk;
            }
        }
    }

    public PrefixOffer Best(InstanceView view)
    {
        InstanceDescriptor self = view.Status.Descriptor;
        PrefixHit own = _context.Hits.FirstOrDefault(h => h.Instance == self.Id);
        PrefixOffer best = Offer(view, own.Blocks, 0);
        if (self.Kv is not null)
        {
            double host = KvMoveCost.LoadSeconds(self, BlockTier.Host, own.WithHost - own.Blocks, _options);
            double disk = KvMoveCost.LoadSeconds(self, BlockTier.Disk, own.WithDisk - own.WithHost, _options);
            best = Quicker(best, Offer(view, own.WithHost, host));
            best = Quicker(best, Offer(view, own.WithDisk, host + disk));
        }

        int held = best.HitTokens / Math.Max(1, self.BlockTokens);
        if (_peer is { } peer && peer.Descriptor.Id != self.Id && _peerBlocks > held)
        {
            double seconds = KvMoveCost.TransferSeconds(peer.Descriptor, self, _peerBlocks - own.Blocks, _options);
            PrefixOffer fetched = Offer(view, _peerBlocks, seconds);
            best = Quicker(best, fetched with { FetchFrom = peer.Descriptor.Id, FetchBlocks = _peerBlocks });
        }

        return best;
    }

    private static PrefixOffer Quicker(PrefixOffer known, PrefixOffer other) => other.Seconds < known.Seconds ? other : known;

    private PrefixOffer Offer(InstanceView view, int blocks, double loadSeconds)
    {
        // The last token is always computed: its logits are the first output.
        int hit = (int)Math.Clamp((long)blocks * view.Status.Descriptor.BlockTokens, 0, Math.Max(0, _prompt - 1));
        return new PrefixOffer(hit, loadSeconds, view.Latency.Ttft.Seconds(Math.Max(1, _prompt), hit), null, 0);
    }
}
