namespace Orleans.Runtime.Placement;

/// <summary>Chooses the silo of a new activation.</summary>
public interface IPlacementDirector
{
    /// <summary>
    /// Key of a <see cref="SiloAddress"/> in the request context that the built-in directors obey when they can.
    /// </summary>
    const string PlacementHintKey = nameof(PlacementHintKey);

    Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context);

    /// <summary>The hint in the request context when it is among the compatible silos, else null.</summary>
    static SiloAddress? GetPlacementHint(Dictionary<string, object>? requestContextData, SiloAddress[] compatibleSilos) =>
        requestContextData is not null
        && requestContextData.TryGetValue(PlacementHintKey, out var hint)
        && hint is SiloAddress silo
        && Array.IndexOf(compatibleSilos, silo) >= 0
            ? silo
            : null;
}
