using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace XLLM.Simulator.Devices;

/// <summary>
/// An instance's speed and memory. A step that computes n prompt tokens beside a batch of b decodes holding k tokens of KV takes
/// <c>Step + max(Weights, Token (n + b)) + Sequence b + Kv k + Attention w</c>, where w is the sum of prompt tokens times the
/// tokens before each: a roofline with the reading of the weights hidden behind computing, or the other way round.
/// </summary>
public sealed record DeviceProfile : IValidatableObject
{
    public required string Name { get; init; }

    /// <summary>Where the figures are from, and what of them is an assumption.</summary>
    public required string Source { get; init; }

    /// <summary>Fixed cost of a step, seconds.</summary>
    public double StepSeconds { get; init; }

    /// <summary>Reading the weights once, seconds.</summary>
    public double WeightsSeconds { get; init; }

    /// <summary>Computing one token apart from attention, seconds, > 0.</summary>
    public double TokenSeconds { get; init; }

    /// <summary>One more decoding sequence, seconds.</summary>
    public double SequenceSeconds { get; init; }

    /// <summary>Reading one token of KV for a decode, seconds.</summary>
    public double KvTokenSeconds { get; init; }

    /// <summary>Attention of one prompt token to one token before it, seconds.</summary>
    public double AttentionSeconds { get; init; }

    /// <summary>Tokens of a KV block, 1..4096.</summary>
    public int BlockTokens { get; init; } = 16;

    /// <summary>KV blocks of an instance, 1..16777216.</summary>
    public int TotalBlocks { get; init; }

    /// <summary>Bytes of a block in all layers, >= 1.</summary>
    public long BlockBytes { get; init; }

    /// <summary>Most requests in a batch, 1..65536.</summary>
    public int MaxRunning { get; init; } = 256;

    /// <summary>Most prompt tokens of a step without decodes, 1..1048576.</summary>
    public int StepTokens { get; init; } = 8192;

    /// <summary>Rate of a KV transfer between two instances, bytes a second, > 0.</summary>
    public double TransferBytesPerSecond { get; init; }

    /// <summary>Time until a transfer begins, seconds.</summary>
    public double TransferDelaySeconds { get; init; }

    /// <summary>Objectives that suit the device and the model: time to the first token, seconds, > 0.</summary>
    public double TtftSeconds { get; init; } = 2;

    /// <summary>And the time between two tokens, seconds, > 0.</summary>
    public double TpotSeconds { get; init; } = 0.1;

    /// <summary>Seconds of one step.</summary>
    /// <param name="promptTokens">Prompt tokens computed.</param>
    /// <param name="attention">Sum over them of the tokens before each.</param>
    /// <param name="decodes">Decoding sequences.</param>
    /// <param name="kvTokens">Tokens of KV those hold.</param>
    public double Seconds(long promptTokens, double attention, int decodes, long kvTokens) =>
        StepSeconds
        + Math.Max(WeightsSeconds, TokenSeconds * (promptTokens + decodes))
        + (SequenceSeconds * decodes)
        + (KvTokenSeconds * kvTokens)
        + (AttentionSeconds * attention);

    /// <summary>Sum of the tokens before each of <paramref name="count"/> tokens that follow <paramref name="before"/> others.</summary>
    public static double Attention(long before, long count) => count * (before + ((count + 1) / 2.0));

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach ((string name, double value, bool zero) in new[]
        {
            (nameof(StepSeconds), StepSeconds, true), (nameof(WeightsSeconds), WeightsSeconds, true), (nameof(TokenSeconds), TokenSeconds, false),
            (nameof(SequenceSeconds), SequenceSeconds, true), (nameof(KvTokenSeconds), KvTokenSeconds, true),
            (nameof(AttentionSeconds), AttentionSeconds, true), (nameof(TransferBytesPerSecond), TransferBytesPerSecond, false),
            (nameof(TransferDelaySeconds), TransferDelaySeconds, true), (nameof(TtftSeconds), TtftSeconds, false),
            (nameof(TpotSeconds), TpotSeconds, false),
        })
        {
            if (!double.IsFinite(value) || value < 0 || (value == 0 && !zero))
            {
                yield return new(string.Create(
                    CultureInfo.InvariantCulture, $"{name} is {value}; it must be {(zero ? "0 or more" : "more than 0")}."));
            }
        }

        foreach ((string name, long value, long most) in new[]
        {
            (nameof(BlockTokens), BlockTokens, 4096L), (nameof(TotalBlocks), TotalBlocks, 1L << 24), (nameof(BlockBytes), BlockBytes, 1L << 40),
            (nameof(MaxRunning), MaxRunning, 65_536L), (nameof(StepTokens), StepTokens, 1L << 20),
        })
        {
            if (value < 1 || value > most)
            {
                yield return new($"{name} is {value}; it must be in 1..{most}.");
            }
        }
    }
}
