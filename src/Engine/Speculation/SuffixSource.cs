using XLLM.Engine.Loop;
using XLLM.Scheduling.Speculation;

namespace XLLM.Engine.Speculation;

/// <summary>
/// Drafts from suffix trees: one of the request's own text, one of past responses. Trees of ended requests are used again.
/// </summary>
internal sealed class SuffixSource : IDraftSource
{
    // Tokens of a request that are taken into its tree at once: about 50 us of the engine's thread.
    private const int CatchUp = 512;

    private readonly SpeculationOptions _options;
    private readonly uint _seed;
    private readonly SuffixRules _rules;
    private readonly Stack<LocalTree> _spare = new();
    private readonly PastResponses? _past;
    private long _treeBytes;

    public SuffixSource(SpeculationOptions options, uint seed)
    {
        _options = options;
        _seed = seed;
        _rules = new SuffixRules(options.SuffixFactor, options.SuffixOffset, (float)options.SuffixMinProbability);
        _past = options.GlobalTokens > 0 ? new PastResponses(options.GlobalTokens, options.SuffixDepth, seed) : null;
    }

    public bool IsCheap => true;

    public long Bytes => _treeBytes + (_past?.Bytes ?? 0);

    public void Propose(ReadOnlySpan<DraftSlot> slots)
    {
        foreach (DraftSlot slot in slots)
        {
            EngineRequest request = slot.Request;
            LocalTree local = (LocalTree)(slot.State ??= NewTree());
            slot.Begin();
            if (local.Follow(request.Tokens, CatchUp))
            {
                slot.Count = _rules.Propose(
                    local.Tree, IsShared(request) ? _past?.Tree : null, request.Tokens,
                    slot.Tokens.AsSpan(0, slot.Limit), slot.Probabilities);
                slot.Match = _rules.MatchLength;
            }
        }
    }

    public void End(DraftSlot slot)
    {
        if (slot.State is LocalTree local)
        {
            // Few spare trees: a burst of requests should not hold its memory for good.
            slot.State = null;
            _treeBytes -= local.Tree.Bytes;
            local.Clear();
            if (_spare.Count < 64)
            {
                _treeBytes += local.Tree.Bytes;
                _spare.Push(local);
            }
        }

        if (_past is not null && IsShared(slot.Request))
        {
            _past.Add(slot.Request.Tokens[slot.Request.PromptLength..]);
        }
    }

    public void Tend() => _past?.Tend();

    public IReadOnlyList<string> CheckIntegrity() => _past?.Tree.CheckIntegrity() ?? [];

    public void Dispose()
    {
    }

    // As with KV blocks: what has a salt is its owner's alone, and speed would tell others about it.
    private static bool IsShared(EngineRequest request) => request.Request.CacheSalt.Length == 0;

    private LocalTree NewTree()
    {
        if (_spare.TryPop(out LocalTree? tree))
        {
            return tree;
        }

        LocalTree made = new(new SuffixTree(_options.LocalTokens, _options.SuffixDepth, _seed));
        _treeBytes += made.Tree.Bytes;
        return made;
    }
}
