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

    /// <summary>Most texts of one request for embeddings, and documents of a rerank, 1 to 65,536.</summary>
    [Range(1, 65_536)]
    public int MaxEmbeddingInputs { get; set; } = 2048;

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

    /// <summary>Requests whose timelines are remembered, without their texts, 0 to 100,000; 0 = none.</summary>
    [Range(0, 100_000)]
    public int MaxRecentRequests { get; set; } = 500;

    /// <summary>
    /// Folder for what outlives the process: files, batches, stored responses. Several gateways of one machine may share it. Null = files and
    /// batches are refused and responses are kept in memory.
    /// </summary>
    public string? DataFolder { get; set; }

    /// <summary>Largest uploaded file in bytes, 1 KiB to 1 TiB; 512 MiB by default.</summary>
    [Range(1 << 10, 1L << 40)]
    public long MaxFileBytes { get; set; } = 512L << 20;

    /// <summary>Most bytes of all files of one API key, the results of its batches included, 1 KiB to 1 PiB; 16 GiB by default.</summary>
    [Range(1 << 10, 1L << 50)]
    public long MaxKeyFileBytes { get; set; } = 16L << 30;

    /// <summary>Most requests of one batch, 1 to 10,000,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxBatchLines { get; set; } = 50_000;

    /// <summary>Most batches this gateway works on at a time, 1 to 1,024; the others wait.</summary>
    [Range(1, 1024)]
    public int BatchesAtOnce { get; set; } = 4;

    /// <summary>Most requests of batches in flight through this gateway, 1 to 4,096; how many there are depends on the load.</summary>
    [Range(1, 4096)]
    public int MaxBatchConcurrency { get; set; } = 64;

    /// <summary>
    /// Mean time between two tokens above which batches give way to online requests, 1 ms to 1 minute. 
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan BatchTokenTime { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a stored response is kept in <see cref="DataFolder"/>, 1 minute to 10 years; 30 days by default.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan ResponseLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// Most bytes of all stored responses of one API key in <see cref="DataFolder"/>, 1 KiB to 1 TiB; the oldest are forgotten first.
    /// </summary>
    [Range(1 << 10, 1L << 40)]
    public long MaxKeyResponseBytes { get; set; } = 1L << 30;

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
