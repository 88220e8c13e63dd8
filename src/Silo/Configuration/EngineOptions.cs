using System.ComponentModel.DataAnnotations;

namespace XLLM.Silo.Configuration;

/// <summary>One engine: a model on a device. What is left out follows from the model and the machine.</summary>
public sealed class EngineOptions : IValidatableObject
{
    private static readonly int[] BlockSizes = [8, 16, 32, 64, 128];
    private static readonly string[] Roles = ["mixed", "prefill", "decode"];
    private static readonly string[] InstructionSets = ["auto", "scalar", "avx2", "avx512"];

    /// <summary>A GGUF file or a Hugging Face folder. Required.</summary>
    public string Model { get; set; } = "";

    /// <summary>Name in the API; empty = the file's or folder's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Device on its silo: <c>cpu0</c>, <c>cpu1</c>, ...; not two engines on one. Default cpu0.</summary>
    public string Device { get; set; } = "cpu0";

    /// <summary>
    /// Work it takes: mixed, prefill or decode. Default mixed; the others are a fixed split of prompts and decoding.
    /// </summary>
    public string Role { get; set; } = "mixed";

    /// <summary>Kernel threads, 1..256; 0 = the cores granted to the process.</summary>
    public int Threads { get; set; }

    /// <summary>auto, scalar, avx2 or avx512. Default auto: the best the machine has.</summary>
    public string Isa { get; set; } = "auto";

    /// <summary>Tokens a KV block holds: 8, 16, 32, 64 or 128. Default 16.</summary>
    public int BlockTokens { get; set; } = 16;

    /// <summary>Numbers in the KV pool: f16, f32 or q8_0 (half of f16's memory, slightly other results). Default f16.</summary>
    public string KvType { get; set; } = "f16";

    /// <summary>
    /// How a sequence's KV is found: plain (block lists) or virtual (ranges of addresses; plain where the system lacks them).
    /// Default plain.
    /// </summary>
    public string KvMode { get; set; } = "plain";

    /// <summary>Bytes of KV pool; 0 = from the memory there is.</summary>
    public long KvCacheBytes { get; set; }

    /// <summary>Longest sequence in tokens; 0 = what the model was made for.</summary>
    public int ContextLength { get; set; }

    /// <summary>Most tokens of a step, decoding and prefill together, 1..65,536. Default 512.</summary>
    public int MaxBatchTokens { get; set; } = 512;

    /// <summary>Most requests in a batch, 1..4096, not above <see cref="MaxBatchTokens"/>. Default 64.</summary>
    public int MaxRunning { get; set; } = 64;

    /// <summary>Most requests waiting, 1..65,536; one more is refused. Default 256.</summary>
    public int MaxWaiting { get; set; } = 256;

    /// <summary>Whether prompts may share KV blocks. Default true.</summary>
    public bool PrefixCache { get; set; } = true;

    /// <summary>Plan the next step while one runs; the tokens are the same either way. Default true.</summary>
    public bool AsyncScheduling { get; set; } = true;

    /// <summary>
    /// Most time to spend at the start on measuring latencies, from which routers predict, 0 .. 1 min; null = 1 s in a cluster, and
    /// none in a process alone, which has nothing to choose from.
    /// </summary>
    public TimeSpan? ProfileTime { get; set; }

    public EngineSpeculationOptions Speculation { get; set; } = new();

    /// <summary>Exchange of KV with other engines.</summary>
    public EngineKvOptions Kv { get; set; } = new();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrWhiteSpace(Model))
        {
            yield return new("Model is empty; it must be a GGUF file or a Hugging Face folder.");
        }

        if (Device.Length is 0 or > 64 || Device.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
        {
            yield return new($"Device is '{Device}'; it must be 1..64 letters, digits, '-', '_' or '.', e.g. cpu0.");
        }

        if (!Roles.Contains(Role))
        {
            yield return new($"Role is '{Role}'; it must be one of {string.Join(", ", Roles)}.");
        }

        if (Threads is < 0 or > 256)
        {
            yield return new($"Threads is {Threads}; it must be in 0..256.");
        }

        if (!InstructionSets.Contains(Isa))
        {
            yield return new($"Isa is '{Isa}'; it must be one of {string.Join(", ", InstructionSets)}.");
        }

        if (!BlockSizes.Contains(BlockTokens))
        {
            yield return new($"BlockTokens is {BlockTokens}; it must be one of {string.Join(", ", BlockSizes)}.");
        }

        if (KvType is not ("f16" or "f32" or "q8_0"))
        {
            yield return new($"KvType is '{KvType}'; it must be f16, f32 or q8_0.");
        }

        if (KvMode is not ("plain" or "virtual"))
        {
            yield return new($"KvMode is '{KvMode}'; it must be plain or virtual.");
        }

        if (KvCacheBytes < 0)
        {
            yield return new($"KvCacheBytes is {KvCacheBytes}; it must be 0 or more.");
        }

        if (ContextLength < 0)
        {
            yield return new($"ContextLength is {ContextLength}; it must be 0 or more.");
        }

        if (MaxBatchTokens is < 1 or > 65_536)
        {
            yield return new($"MaxBatchTokens is {MaxBatchTokens}; it must be in 1..65536.");
        }

        if (MaxRunning is < 1 or > 4096 || MaxRunning > Math.Max(1, MaxBatchTokens))
        {
            yield return new($"MaxRunning is {MaxRunning}; it must be in 1..4096 and not above MaxBatchTokens ({MaxBatchTokens}).");
        }

        if (ProfileTime < TimeSpan.Zero || ProfileTime > TimeSpan.FromMinutes(1))
        {
            yield return new($"ProfileTime is {ProfileTime}; it must be in 0 .. 1 min.");
        }

        if (MaxWaiting is < 1 or > 65_536)
        {
            yield return new($"MaxWaiting is {MaxWaiting}; it must be in 1..65536.");
        }
    }
}
