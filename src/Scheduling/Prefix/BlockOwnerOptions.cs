using System.ComponentModel.DataAnnotations;

namespace XLLM.Scheduling.Prefix;

/// <summary>How much a block owner remembers.</summary>
public sealed class BlockOwnerOptions : IValidatableObject
{
    /// <summary>
    /// Most blocks one owner (of 16) knows, 1,024 .. 2^26; about 200 bytes each with one holder. Beyond, those that no prompt has asked
    /// for for longest are forgotten.
    /// </summary>
    public int MaxBlocks { get; set; } = 262_144;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MaxBlocks is < 1024 or > 1 << 26)
        {
            yield return new($"MaxBlocks is {MaxBlocks}; it must be in 1,024 .. {1 << 26}.");
        }
    }
}
