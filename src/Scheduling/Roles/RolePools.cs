using System.Collections.Immutable;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Fleet;

namespace XLLM.Scheduling.Roles;

/// <summary>
/// Which pool each instance is in, and the rules that move it (xLLM's report, 3.2). Zero-wait: a move is a change of this table,
/// nothing is drained or told to the instance. Flips are explicit moves to a named pool. Pure: time comes with each call and never
/// goes back. Not safe for several threads; its owner guards it.
/// </summary>
public sealed partial class RolePools(RolePoolOptions options)
{
    private const int MostMoves = 64;

    private readonly SortedDictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly Queue<PoolMove> _moves = new();
    private readonly Dictionary<string, long> _counts = [];
    private DateTimeOffset _lastToDecode = DateTimeOffset.MinValue;

    /// <summary>The newest moves, oldest first, a few dozen at most.</summary>
    public ImmutableArray<PoolMove> Moves => [.. _moves];

    /// <summary>Moves so far by rule, joins and departures included.</summary>
    public IReadOnlyDictionary<string, long> MoveCounts => _counts;

    /// <summary>Pool of the instance; null when it is not known.</summary>
    public InstancePool? Of(InstanceId instance) => _members.TryGetValue(instance.Value, out Member? member) ? member.Pool : null;

    /// <summary>Instances in a pool.</summary>
    public int Count(InstancePool pool) => _members.Values.Count(m => m.Pool == pool);

    /// <summary>Instances that take decodes: D and P->D.</summary>
    public int Decoders => _members.Values.Count(m => TakesDecodes(m.Pool));

    /// <summary>Instances that take prompts: P and D->P.</summary>
    public int Prefillers => _members.Count - Decoders;

    /// <summary>Instances that must be left to decode in a fleet of this size.</summary>
    public int LeastDecode => Math.Min(options.LeastDecode, _members.Count - LeastPrefill);

    /// <summary>Instances that must be left to compute prompts in a fleet of this size.</summary>
    public int LeastPrefill => Math.Min(options.LeastPrefill, _members.Count);

    /// <summary>D and P->D take decodes; P and D->P take prompts.</summary>
    public static bool TakesDecodes(InstancePool pool) => pool is InstancePool.Decode or InstancePool.PrefillToDecode;

    /// <summary>
    /// Takes the fleet's present state: who came and went, which moves have settled, and whether decode needs more instances.
    /// </summary>
    /// <param name="views">Instances that may take work.</param>
    /// <param name="tpotSeconds">Objective of the interval between two tokens; infinite = none.</param>
    /// <param name="now">Time of the call.</param>
    /// <param name="isApart">Prompts and decodes are kept apart: decode may get another instance.</param>
    public void Update(IReadOnlyList<InstanceView> views, double tpotSeconds, DateTimeOffset now, bool isApart = true)
    {
        Meet(views, now);
        foreach (InstanceView view in views)
        {
            Member member = _members[view.Id.Value];
            Settle(member, view, now);
            member.BusyAt = view.PrefillRequests > 0 || member.Pool != InstancePool.Prefill ? now : member.BusyAt;
        }

        KeepLeast(views, now);
        if (isApart)
        {
            HelpDecode(views, tpotSeconds, now);
        }
    }

    /// <summary>Moves an instance to decode when a rule says that decode is short; nothing otherwise.</summary>
    public void HelpDecode(IReadOnlyList<InstanceView> views, double tpotSeconds, DateTimeOffset now)
    {
        if (DecodeNeeds(views, tpotSeconds, now) is { } rule)
        {
            MoveToDecode(views, rule, now);
        }
    }

    /// <summary>
    /// An instance for prompts, when the predictor says that no present one reaches the first token in time: from the P->D pool
    /// if there is one, else the decode instance with the fewest running tokens. Null: none may move now.
    /// </summary>
    public InstanceView? MoveToPrefill(
        IReadOnlyList<InstanceView> views, DateTimeOffset now, string rule = PoolRules.TtftUnreachable)
    {
        if (Decoders <= LeastDecode)
        {
            return null;
        }

        InstanceView? chosen = views
            .Where(v => Find(v) is { } m && TakesDecodes(m.Pool) && MayFlip(m, now))
            .OrderBy(v => Find(v)!.Pool == InstancePool.PrefillToDecode ? 0 : 1)
            .ThenBy(v => v.KvTokens)
            .ThenBy(v => v.Id.Value, StringComparer.Ordinal)
            .FirstOrDefault();
        if (chosen is not null)
        {
            Flip(Find(chosen)!, ForPrefill(chosen), rule, now);
        }

        return chosen;
    }

    /// <summary>
    /// An instance for decodes: from the D->P pool if there is one, else the prefill instance with the fewest prompt tokens left.
    /// Null: none may move now.
    /// </summary>
    public InstanceView? MoveToDecode(IReadOnlyList<InstanceView> views, string rule, DateTimeOffset now)
    {
        if (Prefillers <= LeastPrefill || (_lastToDecode != DateTimeOffset.MinValue && now - _lastToDecode < options.Settle))
        {
            return null;
        }

        InstanceView? chosen = views
            .Where(v => Find(v) is { } m && !TakesDecodes(m.Pool) && MayFlip(m, now))
            .OrderBy(v => Find(v)!.Pool == InstancePool.DecodeToPrefill ? 0 : 1)
            .ThenBy(v => v.PrefillTokens)
            .ThenBy(v => v.Id.Value, StringComparer.Ordinal)
            .FirstOrDefault();
        if (chosen is not null)
        {
            _lastToDecode = now;
            Flip(Find(chosen)!, ForDecode(chosen), rule, now);
        }

        return chosen;
    }

    private string? DecodeNeeds(IReadOnlyList<InstanceView> views, double tpotSeconds, DateTimeOffset now)
    {
        double use = 0;
        double least = double.PositiveInfinity;
        double interval = 0;
        int monitored = 0;
        int decoders = 0;
        foreach (InstanceView view in views)
        {
            if (!TakesDecodes(_members[view.Id.Value].Pool))
            {
                continue;
            }

            decoders++;
            double one = DecodeCapacity.Use(view, tpotSeconds);
            use += one;
            least = Math.Min(least, one);
            if (!double.IsNaN(view.TokenSeconds))
            {
                interval += view.TokenSeconds;
                monitored++;
            }
        }

        if (decoders == 0)
        {
            return null;
        }

        if (least >= options.ShortDecodeUse)
        {
            return PoolRules.DecodeShort;
        }

        if (monitored > 0 && interval / monitored > tpotSeconds)
        {
            return PoolRules.TokenInterval;
        }

        bool idle = _members.Values.Any(m => m.Pool == InstancePool.Prefill && now - m.BusyAt >= options.IdleAfter);
        return idle && use / decoders >= options.IdleDecodeUse ? PoolRules.PrefillIdle : null;
    }

    private void Settle(Member member, InstanceView view, DateTimeOffset now)
    {
        if (member.Pool == InstancePool.PrefillToDecode && view.PrefillRequests == 0)
        {
            Put(member, InstancePool.Decode, PoolRules.Settled, now);
        }
        else if (member.Pool == InstancePool.DecodeToPrefill && view.DecodeRequests == 0)
        {
            Put(member, InstancePool.Prefill, PoolRules.Settled, now);
        }
    }

    private Member? Find(InstanceView view) => _members.GetValueOrDefault(view.Id.Value);

    private bool MayFlip(Member member, DateTimeOffset now) =>
        !member.IsFixed && (member.FlippedAt is not { } at || now - at >= options.Dwell);

    private void Flip(Member member, InstancePool to, string rule, DateTimeOffset now)
    {
        member.FlippedAt = now;
        Put(member, to, rule, now);
    }

    private void Put(Member member, InstancePool to, string rule, DateTimeOffset now)
    {
        Note(new PoolMove(member.Id, member.Pool, to, rule, now));
        member.Pool = to;
        member.BusyAt = now;
    }

    private void Note(PoolMove move)
    {
        _counts[move.Rule] = _counts.GetValueOrDefault(move.Rule) + 1;
        _moves.Enqueue(move);
        if (_moves.Count > MostMoves)
        {
            _moves.Dequeue();
        }
    }
}
