using System.ComponentModel.DataAnnotations;

namespace XLLM.Silo.Configuration;

/// <summary>What the silo's device can do at most; told to the cluster in the silo's metadata. 0 = not known.</summary>
public sealed class RooflineOptions : IValidatableObject
{
    /// <summary>Measure what is 0 when the silo starts: about 0.3 s of all kernel threads. Default false.</summary>
    public bool Probe { get; set; }

    /// <summary>Bytes read from memory a second.</summary>
    public double ReadBytesPerSecond { get; set; }

    /// <summary>Int8 operations a second; a multiply and an add are two.</summary>
    public double Int8PerSecond { get; set; }

    /// <summary>Float32 operations a second; a multiply and an add are two.</summary>
    public double Fp32PerSecond { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach ((string name, double value) in new[]
        {
            (nameof(ReadBytesPerSecond), ReadBytesPerSecond), (nameof(Int8PerSecond), Int8PerSecond),
            (nameof(Fp32PerSecond), Fp32PerSecond),
        })
        {
            if (!(value >= 0) || double.IsInfinity(value))
            {
                yield return new($"{name} is {value}; it must be 0 or more.");
            }
        }
    }
}
