using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>What a silo does when it hears of changes in the cluster.</summary>
internal sealed class ClusterChanges(SiloNode silo, bool directoryOutlivesSilos)
{
    /// <summary>One at a time.</summary>
    public void On(ClusterMembershipSnapshot old, ClusterMembershipSnapshot snapshot)
    {
        foreach (var member in snapshot.Members.Values)
        {
            var before = old.Members.TryGetValue(member.SiloAddress, out var known) ? known.Status : SiloStatus.None;
            if (member.Status == before)
            {
                continue;
            }

            silo.Logger.LogInformation("Silo {Silo} ({Name}) is {Status}, was {Before} (version {Version})", member.SiloAddress, member.Name,
                member.Status, before, snapshot.Version);
            if (member.SiloAddress.Equals(silo.Address))
            {
                if (member.Status == SiloStatus.Dead && !silo.IsDetached && !silo.Membership.CurrentStatus.IsTerminating())
                {
                    silo.Logger.LogCritical("This silo, {Silo}, has been declared dead; it takes no part any more", silo.Address);
                    silo.Catalog.Close();
                    silo.Detach("This silo has been declared dead.");
                    if (silo.IsRemote)
                    {
                        Task.Run(() => silo.FatalErrors.OnFatalException(
                            silo.Address, "the membership table says that this silo is dead")).Ignore();
                    }
                }

                continue;
            }

            if (member.Status.IsTerminating() && !before.IsTerminating() && before != SiloStatus.None && !directoryOutlivesSilos)
            {
                LoseEntries(member.SiloAddress, old);
            }

            if (member.Status == SiloStatus.Active && silo.IsRemote && !silo.Metadata.Has(member.SiloAddress))
            {
                Task.Run(() => silo.ExchangeMetadataAsync(member.SiloAddress)).Ignore();
            }

            if (member.Status == SiloStatus.Dead)
            {
                silo.ForgetSilo(member.SiloAddress);
                silo.Metadata.Remove(member.SiloAddress);
                silo.Directory.UnregisterSilos([member.SiloAddress]).Ignore();
            }
        }
    }

    // Orleans' default directory is spread over the silos, and a part leaves with its silo: whoever is registered there ends.
    private void LoseEntries(SiloAddress gone, ClusterMembershipSnapshot old)
    {
        var owners = old.Members.Values.Where(m => m.Status == SiloStatus.Active).Select(m => m.SiloAddress).ToArray();
        foreach (var activation in silo.Catalog.All.Where(a => a.UsesDirectory && gone.Equals(DirectoryOwner.Of(a.GrainId,
            owners))))
        {
            silo.Directory.Unregister(activation.Address).Ignore();
            activation.Deactivate(new DeactivationReason(
                DeactivationReasonCode.DirectoryFailure, $"The directory entry was on silo {gone}, which has left."));
        }
    }
}
