using System.ComponentModel.DataAnnotations;

namespace XLLM.Scheduling.Roles;

/// <summary>When instances move between pools.</summary>
public sealed class RolePoolOptions : IValidatableObject
{
    /// <summary>Instances always left to decode, 0..1024; in a fleet of n at most n - 1.</summary>
    public int LeastDecode { get; set; } = 2;

    /// <summary>Instances always left to compute prompts, 1..1024; they come before <see cref="LeastDecode"/>.</summary>
    public int LeastPrefill { get; set; } = 1;

    /// <summary>Share of a starting fleet that decodes, 0..1.</summary>
    public double StartDecodeShare { get; set; } = 0.5;

    /// <summary>Least time between two role changes of one instance, 0..10 min.</summary>
    public TimeSpan Dwell { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Least time between two P->D moves: their effect has to show in the reports first. 0..10 min.</summary>
    public TimeSpan Settle { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Idle time after which a prefill instance may go to decode, 0..1 h.</summary>
    public TimeSpan IdleAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Mean use of the decode instances, of what they can hold, from which an idle prefill instance goes there; 0..1.</summary>
    public double IdleDecodeUse { get; set; } = 0.25;

    /// <summary>Use of every decode instance, of what it can hold, from which decode counts as short; 0..1.</summary>
    public double ShortDecodeUse { get; set; } = 0.9;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (LeastDecode is < 0 or > 1024)
        {
            yield return new($"LeastDecode is {LeastDecode}; it must be in 0..1024.");
        }

        if (LeastPrefill is < 1 or > 1024)
        {
            yield return new($"LeastPrefill is {LeastPrefill}; it must be in 1..1024.");
        }

        foreach ((string name, double share) in new[]
        {
            (nameof(StartDecodeShare), StartDecodeShare), (nameof(IdleDecodeUse), IdleDecodeUse), (nameof(ShortDecodeUse), ShortDecodeUse),
        })
        {
            if (!(share >= 0 && share <= 1))
            {
                yield return new($"{name} is {share}; it must be in 0..1.");
            }
        }

        foreach ((string name, TimeSpan time, TimeSpan most) in new[]
        {
            (nameof(Dwell), Dwell, TimeSpan.FromMinutes(10)), (nameof(Settle), Settle, TimeSpan.FromMinutes(10)),
            (nameof(IdleAfter), IdleAfter, TimeSpan.FromHours(1)),
        })
        {
            if (time < TimeSpan.Zero || time > most)
            {
                yield return new($"{name} is {time}; it must be in 0..{most}.");
            }
        }
    }
}
