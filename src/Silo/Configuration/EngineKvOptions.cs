using System.ComponentModel.DataAnnotations;
using XLLM.Engine.Tiers;
using XLLM.Engine.Transfer;

namespace XLLM.Silo.Configuration;

/// <summary>How an engine exchanges KV with others of its cluster. A process that is its own cluster exchanges none.</summary>
public sealed class EngineKvOptions : IValidatableObject
{
    private static readonly KvTransferOptions Defaults = new();

    /// <summary>Take KV from other engines and give it to them. Default true.</summary>
    public bool Transfer { get; set; } = true;

    /// <summary>Reach engines of this machine through memory: pushed blocks change hands uncopied. Default true.</summary>
    public bool Shared { get; set; } = true;

    /// <summary>TCP port for KV, 0..65535; 0 = a free one.</summary>
    public int Port { get; set; }

    /// <summary>How long a request waits for KV of which nothing is heard, 10 ms to 1 minute. Default 500 ms.</summary>
    public TimeSpan Silence { get; set; } = Defaults.Silence;

    /// <summary>Longest time of a transfer, 1 s to 1 hour. Default 2 minutes.</summary>
    public TimeSpan Patience { get; set; } = Defaults.Patience;

    /// <summary>Bytes a peer may have sent that are not taken yet, per connection, 64 KiB to 1 GiB. Default 16 MiB.</summary>
    public long WindowBytes { get; set; } = Defaults.WindowBytes;

    /// <summary>Largest share of the pool that may be held for KV that is on its way here, (0, 1]. Default 0.5.</summary>
    public double ReceiveShare { get; set; } = Defaults.ReceiveShare;

    /// <summary>
    /// How long the memory of an engine of this machine that has ended stays mapped for its surviving KV, 0 to 1 hour; then the
    /// blocks it had got are taken back. Default 1 minute.
    /// </summary>
    public TimeSpan KeepDead { get; set; } = Defaults.KeepDead;

    /// <summary>Bytes of host memory for blocks that the pool has no room for, 0 to 2^46. Default 0.</summary>
    public long HostBytes { get; set; }

    /// <summary>Bytes of a file for blocks that host memory has no room for, 0 to 2^46. Default 0.</summary>
    public long DiskBytes { get; set; }

    /// <summary>The file; needed with <see cref="DiskBytes"/>.</summary>
    public string DiskPath { get; set; } = "";

    /// <summary>The tiers, as the engine takes them.</summary>
    public KvTierOptions ToTiers() => new() { HostBytes = HostBytes, DiskBytes = DiskBytes, DiskPath = DiskPath };

    /// <summary>As the engine takes them, in a cluster with that secret.</summary>
    public KvTransferOptions ToEngine(string secret, string listen, string advertise) => new()
    {
        Secret = secret,
        Listen = listen,
        Advertise = advertise,
        Port = Port,
        Silence = Silence,
        Patience = Patience,
        WindowBytes = WindowBytes,
        ReceiveShare = ReceiveShare,
        KeepDead = KeepDead,
    };

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        ToEngine(new string('x', KvTransferOptions.LeastSecret), "127.0.0.1", "").Validate().Concat(ToTiers().Validate())
            .Select(x => new ValidationResult(x));
}
