using System.ComponentModel.DataAnnotations;

namespace XLLM.Grains.Requests;

/// <summary>How request grains watch, recover and remember.</summary>
public sealed class RequestOptions : IValidatableObject
{
    /// <summary>
    /// Time between two tries to end a run that did not answer, 10 ms .. 1 min. Losses are told by the fleet's watch, not found by
    /// this.
    /// </summary>
    public TimeSpan WatchPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an ended request is remembered, so that a second submit is refused, 0 .. 1 h.</summary>
    public TimeSpan RememberFor { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Instances a request may lose and go on elsewhere, 0..100; the next loss ends it as lost. Moves off a draining instance do not
    /// count.
    /// </summary>
    public int MaxRecoveries { get; set; } = 3;

    /// <summary>How long a request that lost its instance waits for one that takes it, 0 .. 10 min.</summary>
    public TimeSpan RecoveryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (WatchPeriod < TimeSpan.FromMilliseconds(10) || WatchPeriod > TimeSpan.FromMinutes(1))
        {
            yield return new($"WatchPeriod is {WatchPeriod}; it must be in 10 ms .. 1 min.");
        }

        if (RememberFor < TimeSpan.Zero || RememberFor > TimeSpan.FromHours(1))
        {
            yield return new($"RememberFor is {RememberFor}; it must be in 0 .. 1 h.");
        }

        if (MaxRecoveries is < 0 or > 100)
        {
            yield return new($"MaxRecoveries is {MaxRecoveries}; it must be in 0..100.");
        }

        if (RecoveryTimeout < TimeSpan.Zero || RecoveryTimeout > TimeSpan.FromMinutes(10))
        {
            yield return new($"RecoveryTimeout is {RecoveryTimeout}; it must be in 0 .. 10 min.");
        }
    }
}
