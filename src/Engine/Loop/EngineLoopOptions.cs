using XLLM.Contracts.Fleet;
using XLLM.Engine.Speculation;
using XLLM.Scheduling.Batching;
using XLLM.Scheduling.Blocks;

namespace XLLM.Engine.Loop;

/// <summary>Settings of an engine's loop. Limits above what the model's runner can take are lowered to it.</summary>
public sealed class EngineLoopOptions
{
    /// <summary>Most tokens of a step, 1..65536, and at least <see cref="MaxRunning"/>.</summary>
    public int MaxBatchTokens { get; set; } = 512;

    /// <summary>Most requests in a batch, 1..4096.</summary>
    public int MaxRunning { get; set; } = 64;

    /// <summary>Most requests that wait or hold an unused lease, 1..65536.</summary>
    public int MaxWaiting { get; set; } = 256;

    /// <summary>How long a lease holds before it is used, 100 ms to 10 minutes.</summary>
    public TimeSpan LeaseTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a parked request waits for its KV before it goes on without, 1 ms to 10 minutes.</summary>
    public TimeSpan ParkTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Most time to spend at the start on measuring the instance's latencies, 0 (not measured) to 1 minute.</summary>
    public TimeSpan ProfileTime { get; set; }

    /// <summary>Keep the KV of finished requests for those with the same beginning.</summary>
    public bool PrefixCache { get; set; } = true;

    /// <summary>Key of block hashes; the same for everything in a cluster.</summary>
    public ulong BlockHashSeed { get; set; } = BlockHasher.DefaultSeed;

    /// <summary>Work the instance takes; stated in its descriptor, and kept to by the routers.</summary>
    public InstanceRole Role { get; set; } = InstanceRole.Mixed;

    /// <summary>Name of the batch policy.</summary>
    public string Policy { get; set; } = "decode-first";

    /// <summary>Share of the KV pool that an admission leaves for running requests, [0, 0.5].</summary>
    public double WatermarkShare { get; set; } = 0.01;

    /// <summary>Steps whose output may be unread before the engine waits, 1..65536.</summary>
    public int UnreadSteps { get; set; } = 64;

    /// <summary>
    /// Plan the next step while one runs, on a thread of its own (xLLM's schedule overlap). False = one thread does one thing
    /// after the other. The tokens are the same.
    /// </summary>
    public bool AsyncScheduling { get; set; } = true;

    /// <summary>
    /// How long the draws of a step wait for the masks of structured outputs, all together; a request whose mask takes longer
    /// skips steps. 0 to 1 s.
    /// </summary>
    public TimeSpan MaskWait { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Speculative decoding.</summary>
    public SpeculationOptions Speculation { get; set; } = new();

    /// <summary>Steps in a row that fail as a whole before the engine gives up, 1..100.</summary>
    public int FailuresToFault { get; set; } = 3;

    /// <summary>When a request refused for capacity should try again, 0 to 1 hour.</summary>
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>All that is wrong, one line each; empty = valid.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> errors = [];
        Range(errors, nameof(MaxBatchTokens), MaxBatchTokens, 1, 65536);
        Range(errors, nameof(MaxRunning), MaxRunning, 1, 4096);
        Range(errors, nameof(MaxWaiting), MaxWaiting, 1, 65536);
        Range(errors, nameof(LeaseTime), LeaseTime, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10));
        Range(errors, nameof(ParkTime), ParkTime, TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10));
        Range(errors, nameof(MaskWait), MaskWait, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Range(errors, nameof(ProfileTime), ProfileTime, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Range(errors, nameof(WatermarkShare), WatermarkShare, 0, 0.5);
        Range(errors, nameof(UnreadSteps), UnreadSteps, 1, 65536);
        Range(errors, nameof(FailuresToFault), FailuresToFault, 1, 100);
        Range(errors, nameof(RetryAfter), RetryAfter, TimeSpan.Zero, TimeSpan.FromHours(1));
        if (MaxBatchTokens < MaxRunning)
        {
            errors.Add($"MaxBatchTokens is {MaxBatchTokens}; it must be at least MaxRunning ({MaxRunning}), one token each.");
        }

        if (BatchPolicies.Find(Policy) is null)
        {
            errors.Add($"Policy is '{Policy}'; it must be one of {string.Join(", ", BatchPolicies.Names)}.");
        }

        errors.AddRange(Speculation.Validate());
        return errors;
    }

    private static void Range<T>(List<string> errors, string name, T value, T least, T most)
        where T : IComparable<T>
    {
        // Written so that NaN is out of range.
        if (!(value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0))
        {
            errors.Add($"{name} is {value}; it must be between {least} and {most}.");
        }
    }
}
