namespace Orleans.Runtime.Placement;

/// <summary>What a director can know.</summary>
public interface IPlacementContext
{
    SiloAddress LocalSilo { get; }

    SiloStatus LocalSiloStatus { get; }

    /// <summary>
    /// Active silos left by the grain's filters, never empty. Throws <see cref="OrleansException"/> when none is.
    /// </summary>
    SiloAddress[] GetCompatibleSilos(PlacementTarget target);
}
