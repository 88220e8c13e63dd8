using System.ComponentModel.DataAnnotations;

namespace XLLM.Grains.Requests;

/// <summary>How request grains watch and remember.</summary>
public sealed class RequestOptions : IValidatableObject
{
    /// <summary>Time between two looks at whether a running request's instance still lives, 10 ms .. 1 min.</summary>
    public TimeSpan WatchPeriod { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an ended request is remembered, so that a second submit is refused, 0 .. 1 h.</summary>
    public TimeSpan RememberFor { get; set; } = TimeSpan.FromSeconds(10);

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
    }
}
