using XLLM.Contracts.Fleet;
using XLLM.Contracts.Ids;
using XLLM.Scheduling.Fleet;

namespace XLLM.Scheduling.Roles;

/// <summary>Who is in the fleet.</summary>
public sealed partial class RolePools
{
    /// <summary>Faults of the table; empty = sound.</summary>
    public IReadOnlyList<string> CheckIntegrity()
    {
        List<string> faults = [];
        bool mayMove = _members.Values.Any(m => !m.IsFixed && !TakesDecodes(m.Pool));
        if (Decoders < LeastDecode && mayMove)
        {
            faults.Add($"pools: {Decoders} instances decode; at least {LeastDecode} must");
        }

        if (Prefillers < LeastPrefill && _members.Values.Any(m => !m.IsFixed && TakesDecodes(m.Pool)))
        {
            faults.Add($"pools: {Prefillers} instances take prompts; at least {LeastPrefill} must");
        }

        faults.AddRange(
            from member in _members.Values
            where (member.Role == InstanceRole.Prefill && TakesDecodes(member.Pool))
                || (member.Role == InstanceRole.Decode && !TakesDecodes(member.Pool))
            select $"pools: {member.Id} is fixed to {member.Role} and in {member.Pool}");
        return faults;
    }

    private void Meet(IReadOnlyList<InstanceView> views, DateTimeOffset now)
    {
        HashSet<string> present = [.. views.Select(v => v.Id.Value)];
        foreach (Member gone in _members.Values.Where(m => !present.Contains(m.Id.Value)).ToArray())
        {
            _members.Remove(gone.Id.Value);
            Note(new PoolMove(gone.Id, gone.Pool, null, PoolRules.Left, now));
        }

        int wanted = 0;
        int free = 0;
        foreach (InstanceView view in views)
        {
            InstanceDescriptor descriptor = view.Status.Descriptor;
            if (_members.TryGetValue(view.Id.Value, out Member? known))
            {
                if (known.Epoch != descriptor.Epoch)
                {
                    // A restart comes back with nothing to finish, in the pool it was in.
                    known.Epoch = descriptor.Epoch;
                    known.FlippedAt = null;
                }

                continue;
            }

            wanted++;
            free += FixedTo(descriptor) == InstanceRole.Mixed ? 1 : 0;
        }

        if (wanted > 0)
        {
            Join(views, free, now);
        }
    }

    // Those that may do both fill what the share asks for beyond those that are fixed.
    private void Join(IReadOnlyList<InstanceView> views, int free, DateTimeOffset now)
    {
        int least = Math.Min(options.LeastDecode, Math.Max(0, views.Count - options.LeastPrefill));
        int most = Math.Max(0, views.Count - options.LeastPrefill);
        int share = (int)Math.Round(views.Count * options.StartDecodeShare, MidpointRounding.AwayFromZero);
        int decoders = Math.Clamp(share, least, Math.Max(least, most));
        InstanceView[] joining = [.. views.Where(v => Find(v) is null).OrderByDescending(v => v.Id.Value, StringComparer.Ordinal)];
        int known = Decoders + joining.Count(v => FixedTo(v.Status.Descriptor) == InstanceRole.Decode);
        int toDecode = Math.Clamp(decoders - known, 0, free);
        foreach (InstanceView view in joining)
        {
            InstanceRole role = FixedTo(view.Status.Descriptor);
            InstancePool pool = role == InstanceRole.Decode || (role == InstanceRole.Mixed && toDecode-- > 0)
                ? InstancePool.Decode
                : InstancePool.Prefill;
            long epoch = view.Status.Descriptor.Epoch;
            _members[view.Id.Value] = new Member(view.Id, role) { Pool = pool, Epoch = epoch, BusyAt = now };
            Note(new PoolMove(view.Id, null, pool, PoolRules.Joined, now));
        }
    }

    // Losses may have left a pool short. This does not wait for any time to pass.
    private void KeepLeast(IReadOnlyList<InstanceView> views, DateTimeOffset now)
    {
        while (Decoders < LeastDecode && Lightest(views, takesDecodes: false, v => v.PrefillTokens) is { } toDecode)
        {
            Flip(Find(toDecode)!, ForDecode(toDecode), PoolRules.KeepLeast, now);
        }

        while (Prefillers < LeastPrefill && Lightest(views, takesDecodes: true, v => v.KvTokens) is { } toPrefill)
        {
            Flip(Find(toPrefill)!, ForPrefill(toPrefill), PoolRules.KeepLeast, now);
        }
    }

    private static InstancePool ForDecode(InstanceView view) =>
        view.PrefillRequests > 0 ? InstancePool.PrefillToDecode : InstancePool.Decode;

    private static InstancePool ForPrefill(InstanceView view) =>
        view.DecodeRequests > 0 ? InstancePool.DecodeToPrefill : InstancePool.Prefill;

    private InstanceView? Lightest(IReadOnlyList<InstanceView> views, bool takesDecodes, Func<InstanceView, long> weight) => views
        .Where(v => Find(v) is { IsFixed: false } m && TakesDecodes(m.Pool) == takesDecodes)
        .OrderBy(weight)
        .ThenBy(v => v.Id.Value, StringComparer.Ordinal)
        .FirstOrDefault();

    private static InstanceRole FixedTo(InstanceDescriptor descriptor) => descriptor.Role & InstanceRole.Mixed;

    private sealed class Member(InstanceId id, InstanceRole role)
    {
        public InstanceId Id { get; } = id;

        /// <summary>What its operator lets it do.</summary>
        public InstanceRole Role { get; } = role;

        public bool IsFixed => Role != InstanceRole.Mixed;

        public required InstancePool Pool { get; set; }

        public required long Epoch { get; set; }

        public DateTimeOffset? FlippedAt { get; set; }

        /// <summary>When it last had prompts, or was not there for them.</summary>
        public DateTimeOffset BusyAt { get; set; }
    }
}
