using Microsoft.Extensions.Logging;
using Orleans.Runtime.Placement;

namespace Orleans.Runtime;

/// <summary>Finds the silo for a request: the directory's entry, or else placement.</summary>
internal sealed class Addressing(SiloNode silo)
{
    /// <summary>Where the grain's activation is, or shall be. Null for a cancellation without a target.</summary>
    public async ValueTask<SiloAddress?> AddressAsync(Message message)
    {
        var id = message.TargetGrain;
        var grainClass = silo.Classes.Find(id.Type)
            ?? throw new ArgumentException($"Could not find an implementation for grain type '{id.Type}'.");
        var strategy = silo.Placement.StrategyOf(grainClass);
        if (strategy.IsUsingGrainDirectory)
        {
            if (silo.Addresses.Find(id) is { } remembered)
            {
                return remembered;
            }

            if (await silo.Directory.Lookup(id) is { SiloAddress: { } known } entry)
            {
                if (known.Equals(silo.Address) && silo.Catalog.IsClosed && silo.Catalog.Find(id) is null)
                {
                    // Of an activation that has ended here, and none is made any more.
                    await silo.Directory.Unregister(entry);
                }
                else if (!silo.Membership.IsDeadSilo(known))
                {
                    if (silo.IsRemote)
                    {
                        silo.Addresses.Add(id, known);
                    }

                    return known;
                }
                else
                {
                    await silo.Directory.UnregisterSilos([known]);
                }
            }
        }

        if (message.Kind == MessageKind.Cancel)
        {
            return null;
        }

        var target = new PlacementTarget(id, message.Context!, message.Method!.Owner.Name, 0);
        var chosen = await silo.Placement.PlaceAsync(grainClass, target);
        silo.Logger.LogDebug("{Grain} is placed on {Silo}", id, chosen);
        return chosen;
    }
}
