using System.ComponentModel.DataAnnotations;

namespace XLLM.Gateway.Configuration;

/// <summary>Limits and times of the gateway; configuration section <c>Gateway</c>.</summary>
public sealed class GatewayOptions : IValidatableObject
{
    public const string Section = "Gateway";

    /// <summary>Largest request body in bytes, 1 KiB to 1 GiB; 8 MiB by default.</summary>
    [Range(1024, 1 << 30)]
    public long MaxBodyBytes { get; set; } = 8 << 20;

    /// <summary>Most generations one HTTP request may start (prompts times n), 1 to 1,024.</summary>
    [Range(1, 1024)]
    public int MaxChoices { get; set; } = 128;

    /// <summary>Most generations in flight through this gateway; one more is answered 429. 1 to 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxGenerations { get; set; } = 4096;

    /// <summary>Most messages of a chat, 1 to 100,000.</summary>
    [Range(1, 100_000)]
    public int MaxMessages { get; set; } = 4096;

    /// <summary>Longest wait in an instance's queue, over 0; null = without limit.</summary>
    public TimeSpan? QueueTimeout { get; set; }

    /// <summary>
    /// How long a request is submitted again when the cluster cannot take it because a part of it has just gone, 0 to 10 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan SubmitPatience { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait for a first token, queue included, over 0; then the request ends as lost.</summary>
    public TimeSpan FirstTokenTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest pause between two tokens, over 0; then the request ends as lost.</summary>
    public TimeSpan IdleTokenTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Longest time for a whole request, queue and answer included, over 0; null = without limit.</summary>
    public TimeSpan? RequestTimeout { get; set; }

    /// <summary>
    /// Longest time for a schema, pattern or grammar of a request to be compiled, 1 ms to 1 minute; one that takes longer is refused.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan StructureTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Prompts stand in the access log. Off by default: they are the users'.</summary>
    public bool LogPrompts { get; set; }

    /// <summary>Tokens buffered for a slow reader before its request is paused, 2 to 65,536.</summary>
    [Range(2, 65_536)]
    public int HighWaterTokens { get; set; } = 256;

    /// <summary>Buffered tokens at which a paused request goes on; below <see cref="HighWaterTokens"/>.</summary>
    [Range(0, 65_535)]
    public int LowWaterTokens { get; set; } = 64;

    /// <summary>How old a fleet snapshot may be before it is asked for again, 10 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan SnapshotMaxAge { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Most responses of /v1/responses kept in memory, 1 to 1,000,000; the oldest are forgotten first.</summary>
    [Range(1, 1_000_000)]
    public int MaxStoredResponses { get; set; } = 1000;

    /// <summary>Most characters of all kept responses, their conversations included, 1 Ki to 4 Gi; 32 Mi by default.</summary>
    [Range(1 << 10, 1L << 32)]
    public long MaxStoredCharacters { get; set; } = 32 << 20;

    /// <summary>File of API keys, made by <c>xllm keys add</c>; null = requests need no key.</summary>
    public string? ApiKeysFile { get; set; }

    /// <summary>
    /// Names that requests may give as Host or Origin on the loopback, beside those of the loopback itself; for a reverse proxy on this
    /// machine.
    /// </summary>
    public List<string> AllowedHosts { get; set; } = [];

    /// <summary>
    /// Where tokenizer and template of a model are, by its name, when this machine does not have them at the path the
    /// instance loaded the model from.
    /// </summary>
    public Dictionary<string, string> TextPaths { get; set; } = [];

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (LowWaterTokens >= HighWaterTokens)
        {
            yield return new($"LowWaterTokens is {LowWaterTokens}; it must be below HighWaterTokens, which is {HighWaterTokens}.");
        }

        (string Name, TimeSpan? Value)[] times =
        [
            (nameof(QueueTimeout), QueueTimeout),
            (nameof(FirstTokenTimeout), FirstTokenTimeout),
            (nameof(IdleTokenTimeout), IdleTokenTimeout),
            (nameof(RequestTimeout), RequestTimeout),
        ];
        foreach ((string name, TimeSpan? value) in times)
        {
            // Timers take at most about 49 days.
            if (value is { } time && (time <= TimeSpan.Zero || time > TimeSpan.FromDays(7)))
            {
                yield return new ValidationResult($"{name} is {time}; it must be above 0 and at most 7 days.");
            }
        }
    }
}
