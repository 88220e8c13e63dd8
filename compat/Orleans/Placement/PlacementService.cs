using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Metadata;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Orleans.Runtime;

/// <summary>Chooses silos for new activations: filters in their order, then the strategy's director.</summary>
internal sealed class PlacementService(SiloNode silo) : IPlacementContext
{
    private readonly ConcurrentDictionary<GrainType, PlacementStrategy> _strategies = new();
    private readonly ConcurrentDictionary<GrainType, PlacementFilterStrategy[]> _filters = new();

    public SiloAddress LocalSilo => silo.Address;

    public SiloStatus LocalSiloStatus => silo.Membership.CurrentStatus;

    public PlacementStrategy StrategyOf(GrainClass grainClass) =>
        _strategies.TryGetValue(grainClass.GrainType, out var known)
            ? known
            : _strategies.GetOrAdd(grainClass.GrainType, CreateStrategy(grainClass.Properties));

    public async ValueTask<SiloAddress> PlaceAsync(GrainClass grainClass, PlacementTarget target)
    {
        var strategy = StrategyOf(grainClass);
        var director = silo.Services.GetKeyedService<IPlacementDirector>(strategy.GetType())
            ?? throw new OrleansException($"Placement strategy {strategy.GetType()} has no director; AddPlacementDirector registers it.");
        return await director.OnAddActivation(strategy, target, this);
    }

    public SiloAddress[] GetCompatibleSilos(PlacementTarget target)
    {
        IEnumerable<SiloAddress> silos = silo.Membership.GetActiveSilos();
        var grainClass = silo.Classes.Find(target.GrainIdentity.Type);
        foreach (var filter in grainClass is null ? [] : FiltersOf(grainClass))
        {
            var director = silo.Services.GetKeyedService<IPlacementFilterDirector>(filter.GetType())
                ?? throw new OrleansException($"Placement filter {filter.GetType()} has no director; AddPlacementFilter registers it.");
            silos = director.Filter(filter, target, silos);
        }

        var compatible = silos.ToArray();
        return compatible.Length > 0
            ? compatible
            : throw new OrleansException(
                $"No active nodes are compatible with grain {target.GrainIdentity}: no silo is active, or its placement filters leave none.");
    }

    private PlacementStrategy CreateStrategy(GrainProperties properties)
    {
        if (!properties.Properties.TryGetValue(PlacementStrategy.StrategyProperty, out var name))
        {
            return new ResourceOptimizedPlacement();
        }

        var strategy = silo.Services.GetKeyedService<PlacementStrategy>(name)
            ?? throw new OrleansException($"Placement strategy '{name}' is not registered; AddPlacementDirector does it.");
        strategy.Initialize(properties);
        return strategy;
    }

    private PlacementFilterStrategy[] FiltersOf(GrainClass grainClass)
    {
        if (_filters.TryGetValue(grainClass.GrainType, out var known))
        {
            return known;
        }

        if (!grainClass.Properties.Properties.TryGetValue(PlacementFilterStrategy.FiltersProperty, out var names))
        {
            return _filters[grainClass.GrainType] = [];
        }

        var filters = names.Split(',').Select(name =>
        {
            var filter = silo.Services.GetKeyedService<PlacementFilterStrategy>(name)
                ?? throw new OrleansException($"Placement filter '{name}' is not registered; AddPlacementFilter does it.");
            filter.Initialize(grainClass.Properties);
            return filter;
        }).OrderBy(f => f.Order).ToArray();
        for (var i = 1; i < filters.Length; i++)
        {
            if (filters[i].Order == filters[i - 1].Order)
            {
                throw new InvalidOperationException(
                    $"Placement filters {filters[i - 1].GetType().Name} and {filters[i].GetType().Name} of {grainClass.Type} have the "
                    + $"same order {filters[i].Order}.");
            }
        }

        return _filters[grainClass.GrainType] = filters;
    }
}
