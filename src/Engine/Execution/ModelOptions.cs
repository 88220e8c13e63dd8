using XLLM.Engine.Interop;
using XLLM.Engine.Memory;

namespace XLLM.Engine.Execution;

/// <summary>How a model is loaded. <see cref="Problems"/> says what is wrong with it.</summary>
public sealed record ModelOptions
{
    private static readonly int[] BlockSizes = [8, 16, 32, 64, 128];

    /// <summary>Name in the API; null = the file's or folder's name.</summary>
    public string? Name { get; init; }

    public EngineIsa Isa { get; init; } = EngineIsa.Auto;

    /// <summary>1 to 256, the engine's own thread included; 0 = the cores granted to the process.</summary>
    public int Threads { get; init; }

    /// <summary>Tokens a KV block holds: 8, 16, 32, 64 or 128.</summary>
    public int BlockTokens { get; init; } = 16;

    public KvType KvType { get; init; } = KvType.F16;

    /// <summary>How blocks are found; results are the same to the bit.</summary>
    public KvMode KvMode { get; init; } = KvMode.Plain;

    /// <summary>Sequences that can have a range of addresses in a virtual pool, 1 to 65,536; more use block lists.</summary>
    public int KvRanges { get; init; } = 128;

    /// <summary>A plain pool lies in a file in memory too, so that other processes of the machine can reach it.</summary>
    public bool KvShared { get; init; }

    /// <summary>Blocks of other processes' pools that can be attached behind a shared pool's own, 0 to 1 &lt;&lt; 24.</summary>
    public int GuestBlocks { get; init; }

    /// <summary>Instead of <see cref="GuestBlocks"/>: so many times as many as the pool has, 0 to 64.</summary>
    public int GuestPools { get; init; }

    /// <summary>
    /// Bytes of the KV pool; null = chosen from what memory there is. Not together with <see cref="KvBlocks"/>.
    /// </summary>
    public long? KvBytes { get; init; }

    /// <summary>Blocks of the KV pool; null = from <see cref="KvBytes"/>.</summary>
    public int? KvBlocks { get; init; }

    /// <summary>Largest step in tokens, 1 to 65,536.</summary>
    public int MaxTokens { get; init; } = 512;

    /// <summary>Most rows of a step whose logits can be asked for, 1 to <see cref="MaxTokens"/>.</summary>
    public int MaxOutputs { get; init; } = 64;

    /// <summary>Longest sequence in tokens; null = what the model was made for. Not longer than that.</summary>
    public int? ContextLength { get; init; }

    /// <summary>Linear ops over quantised weights take float32 activations (reference) instead of int8.</summary>
    public bool FloatActivations { get; init; }

    /// <summary>How steps are dispatched.</summary>
    public StepMode Mode { get; init; }

    /// <summary>All that is wrong, empty when usable.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        void Check(bool right, string problem)
        {
            if (!right)
            {
                problems.Add(problem);
            }
        }

        Check(Enum.IsDefined(Isa), $"Isa {(int)Isa} is not known");
        Check(Threads is >= 0 and <= 256, $"Threads is {Threads}; 0 to 256 was expected");
        Check(BlockSizes.Contains(BlockTokens), $"BlockTokens is {BlockTokens}; 8, 16, 32, 64 or 128 was expected");
        Check(Enum.IsDefined(Mode), $"Mode {(int)Mode} is not known");
        Check(Enum.IsDefined(KvType), $"KvType {(int)KvType} is not known");
        Check(Enum.IsDefined(KvMode), $"KvMode {(int)KvMode} is not known");
        Check(KvRanges is >= 1 and <= 65_536, $"KvRanges is {KvRanges}; 1 to 65536 was expected");
        Check(
            GuestBlocks is >= 0 and <= 1 << 24 && (KvShared || GuestBlocks == 0),
            $"GuestBlocks is {GuestBlocks}; 0 to {1 << 24} was expected, and 0 without KvShared");
        Check(GuestPools is >= 0 and <= 64 && (KvShared || GuestPools == 0), $"GuestPools is {GuestPools}; 0 to 64 was expected, and 0 without KvShared");
        Check(KvBytes is null || KvBlocks is null, "KvBytes and KvBlocks are both given; one was expected");
        Check(KvBytes is null or > 0, $"KvBytes is {KvBytes}; at least 1 was expected");
        Check(KvBlocks is null or > 0, $"KvBlocks is {KvBlocks}; at least 1 was expected");
        Check(MaxTokens is >= 1 and <= 65_536, $"MaxTokens is {MaxTokens}; 1 to 65536 was expected");
        Check(
            MaxOutputs >= 1 && MaxOutputs <= MaxTokens, $"MaxOutputs is {MaxOutputs}; 1 to MaxTokens ({MaxTokens}) was expected");
        Check(ContextLength is null or > 0, $"ContextLength is {ContextLength}; at least 1 was expected");
        return problems;
    }
}
