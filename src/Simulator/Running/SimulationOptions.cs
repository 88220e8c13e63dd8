using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using XLLM.Scheduling.Roles;
using XLLM.Scheduling.Routing;
using XLLM.Simulator.Devices;

namespace XLLM.Simulator.Running;

/// <summary>A fleet in simulated time.</summary>
public sealed record SimulationOptions : IValidatableObject
{
    public required DeviceProfile Device { get; init; }

    /// <summary>1..1024.</summary>
    public required int Instances { get; init; }

    public required PolicySetup Policy { get; init; }

    /// <summary>Objective for the first token, seconds, > 0; null = the device's.</summary>
    public double? TtftSeconds { get; init; }

    /// <summary>Objective between two tokens, seconds, > 0; null = the device's.</summary>
    public double? TpotSeconds { get; init; }

    /// <summary>Prompt tokens of a step beside decodes; null = what the objective between two tokens allows.</summary>
    public int? ChunkTokens { get; init; }

    /// <summary>Time between two load reports of an instance, seconds, 0.01..60.</summary>
    public double ReportSeconds { get; init; } = 0.5;

    /// <summary>Time until the loss of an instance is known, seconds, 0..60.</summary>
    public double DetectSeconds { get; init; } = 1;

    /// <summary>
    /// Settings of the policies and pools. Policy, objectives, step and transfers are those of the other options here.
    /// </summary>
    public RoutingOptions Routing { get; init; } = new();

    /// <summary>
    /// Processors that all instances share: with more of them busy each is slower in proportion. 0 = each has its own. 0..1024.
    /// </summary>
    public double Processors { get; init; }

    public ImmutableArray<SimFailure> Failures { get; init; } = [];

    /// <summary>Ends the run when a share of <c>1 - AbortBelow</c> of the requests has missed its objectives; 0 = never.</summary>
    public double AbortBelow { get; init; }

    public double Ttft => TtftSeconds ?? Device.TtftSeconds;

    public double Tpot => TpotSeconds ?? Device.TpotSeconds;

    public int Chunk => ChunkTokens ?? StartProfile.ChunkTokens(Device, Tpot);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Instances is < 1 or > 1024)
        {
            yield return new($"Instances is {Instances}; it must be in 1..1024.");
        }

        foreach ((string name, double value, double least, double most) in new[]
        {
            (nameof(TtftSeconds), Ttft, 1e-6, 1e6), (nameof(TpotSeconds), Tpot, 1e-6, 1e6), (nameof(ReportSeconds), ReportSeconds, 0.01, 60),
            (nameof(DetectSeconds), DetectSeconds, 0, 60), (nameof(ChunkTokens), Chunk, 1, Device.StepTokens), (nameof(AbortBelow), AbortBelow, 0, 1),
            (nameof(Processors), Processors, 0, 1024),
        })
        {
            if (!(value >= least && value <= most))
            {
                yield return new($"{name} is {value}; it must be in {least}..{most}.");
            }
        }

        foreach (SimFailure failure in Failures)
        {
            if (failure.Instance < 0 || failure.Instance >= Instances || !(failure.Seconds >= 0) || !(failure.BackAfterSeconds > DetectSeconds))
            {
                yield return new($"A failure names instance {failure.Instance} at {failure.Seconds} s; it must be in 0..{Instances - 1}, at 0 s or "
                    + $"later, and back after more than {DetectSeconds} s.");
            }
        }

        foreach (ValidationResult fault in Device.Validate(validationContext)
            .Concat(Routing.Validate(validationContext)).Concat(Routing.Pools.Validate(validationContext)))
        {
            yield return fault;
        }
    }
}
