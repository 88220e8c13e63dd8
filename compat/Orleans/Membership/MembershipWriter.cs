using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>Changes of the membership table: read, decide, write against the version that was read; again when it was stale.</summary>
internal sealed class MembershipWriter(
    MembershipIdentity self, IMembershipTable table, ClusterMembershipOptions options, ILogger logger)
{
    /// <summary>Signs of life a silo may miss until it counts as stale.</summary>
    public const int MissedSignsOfLife = 3;
    private const int MaxAttempts = 100;

    // Tables keep milliseconds.
    private static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(1);
    private readonly DateTime _started = DateTime.UtcNow;

    public async Task WriteStatusAsync(SiloStatus status)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var data = await table.ReadAll();
            if (data.Members.FirstOrDefault(m => m.Item1.SiloAddress.IsPredecessorOf(self.Address)
                && m.Item1.Status != SiloStatus.Dead)
                is { } old)
            {
                logger.LogWarning("Silo {Silo}, an earlier life on this silo's endpoint, is declared dead", old.Item1.SiloAddress);
                old.Item1.Status = SiloStatus.Dead;
                await table.UpdateRow(old.Item1, old.Item2, data.Version.Next());
                continue;
            }

            if (await TryWriteOwnAsync(data, status))
            {
                return;
            }

            await PauseAsync(attempt);
        }

        throw new OrleansException($"Silo {self.Address} could not write its status {status} to the membership table.");
    }

    public async Task<bool> TryKillAsync(SiloAddress silo)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var data = await table.ReadAll();
            if (data.TryGet(silo) is not { } row)
            {
                return false;
            }

            if (row.Item1.Status == SiloStatus.Dead)
            {
                return true;
            }

            row.Item1.Status = SiloStatus.Dead;
            if (await table.UpdateRow(row.Item1, row.Item2, data.Version.Next()))
            {
                return true;
            }

            await PauseAsync(attempt);
        }

        return false;
    }

    /// <summary>Adds this silo's vote; with enough fresh votes the silo is dead.</summary>
    public async Task<bool> TrySuspectAsync(SiloAddress silo)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var data = await table.ReadAll();
            if (data.TryGet(self.Address) is not { Item1.Status: not SiloStatus.Dead } || data.TryGet(silo) is not { } row)
            {
                // This silo is the dead one, or the other is forgotten.
                return false;
            }

            var entry = row.Item1;
            if (entry.Status == SiloStatus.Dead)
            {
                return true;
            }

            var now = DateTime.UtcNow;
            var votes = (entry.SuspectTimes ?? []).Where(v => now - v.Item2 < options.DeathVoteExpirationTimeout).ToList();
            var hasVoted = votes.Any(v => v.Item1.Equals(self.Address));
            if (!hasVoted)
            {
                votes.Add(Tuple.Create(self.Address, now));
            }

            var needed = VotesNeeded(data, now);
            if (hasVoted && votes.Count < needed)
            {
                return false;
            }

            entry.SuspectTimes = votes;
            if (votes.Count >= needed)
            {
                logger.LogWarning("Silo {Silo} is declared dead by {Votes} of {Needed} votes", silo, votes.Count, needed);
                entry.Status = SiloStatus.Dead;
            }

            if (await table.UpdateRow(entry, row.Item2, data.Version.Next()))
            {
                return entry.Status == SiloStatus.Dead;
            }

            await PauseAsync(attempt);
        }

        return false;
    }

    /// <summary>A majority of those that give signs of life, but no more than the option says.</summary>
    public int VotesNeeded(MembershipTableData data, DateTime now)
    {
        var active = data.Members.Count(m => m.Item1.Status == SiloStatus.Active && !IsStale(m.Item1, options, now));
        return Math.Max(1, Math.Min(options.NumVotesForDeathDeclaration, (active + 1) / 2));
    }

    public static bool IsStale(MembershipEntry entry, ClusterMembershipOptions options, DateTime now) =>
        now - (entry.IAmAliveTime > entry.StartTime ? entry.IAmAliveTime : entry.StartTime)
            > options.IAmAliveTablePublishTimeout * MissedSignsOfLife;

    // Others write as well: the more often it failed, the longer the wait.
    private static Task PauseAsync(int attempt) => attempt < 3 ? Task.CompletedTask : Task.Delay(Random.Shared.Next(1, 2 + attempt));

    private async Task<bool> TryWriteOwnAsync(MembershipTableData data, SiloStatus status)
    {
        if (data.TryGet(self.Address) is not { } row)
        {
            var now = DateTime.UtcNow;
            return await table.InsertRow(
                new MembershipEntry
                {
                    SiloAddress = self.Address,
                    SiloName = self.Name,
                    HostName = self.HostName,
                    ProxyPort = self.GatewayPort,
                    Status = status,
                    StartTime = _started,
                    IAmAliveTime = now,
                },
                data.Version.Next());
        }

        if (status == SiloStatus.Joining && (row.Item1.StartTime - _started).Duration() > Resolution)
        {
            throw new OrleansException(
                $"Silo {self.Address} cannot join: an earlier life on its endpoint began in the same second and has the same address. "
                + "Start it again.");
        }

        if (row.Item1.Status == SiloStatus.Dead && status != SiloStatus.Dead)
        {
            throw new OrleansException($"Silo {self.Address} has been declared dead by another silo; a dead silo does not come back.");
        }

        row.Item1.Status = status;
        row.Item1.IAmAliveTime = DateTime.UtcNow;
        return await table.UpdateRow(row.Item1, row.Item2, data.Version.Next());
    }
}
