using System.ComponentModel.DataAnnotations;

namespace XLLM.Scheduling.Routing;

/// <summary>How requests are spread over instances.</summary>
public sealed class RoutingOptions : IValidatableObject
{
    /// <summary>Name of a policy in <see cref="RoutingPolicies"/>.</summary>
    public string Policy { get; set; } = "cache-aware";

    /// <summary>cache-aware: weight of the share of the prompt an instance holds already, >= 0.</summary>
    public double PrefixWeight { get; set; } = 1;

    /// <summary>cache-aware: weight of an instance's idleness, >= 0.</summary>
    public double LoadWeight { get; set; } = 1;

    /// <summary>Waiting prompt tokens that weigh as much as a full batch, >= 1.</summary>
    public int PrefillScale { get; set; } = 8192;

    /// <summary>Instances tried before a request is refused, 1..16.</summary>
    public int MaxAttempts { get; set; } = 3;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!RoutingPolicies.Names.Contains(Policy))
        {
            yield return new($"Policy is '{Policy}'; it must be one of {string.Join(", ", RoutingPolicies.Names)}.");
        }

        if (!(PrefixWeight >= 0) || !double.IsFinite(PrefixWeight))
        {
            yield return new($"PrefixWeight is {PrefixWeight}; it must be 0 or more.");
        }

        if (!(LoadWeight >= 0) || !double.IsFinite(LoadWeight))
        {
            yield return new($"LoadWeight is {LoadWeight}; it must be 0 or more.");
        }

        if (PrefillScale < 1)
        {
            yield return new($"PrefillScale is {PrefillScale}; it must be 1 or more.");
        }

        if (MaxAttempts is < 1 or > 16)
        {
            yield return new($"MaxAttempts is {MaxAttempts}; it must be in 1..16.");
        }
    }
}
