using System.Collections.Immutable;

namespace XLLM.Simulator.Devices;

/// <summary>Profiles that come with the program.</summary>
public static class DeviceProfiles
{
    /// <summary>
    /// An 80 GB accelerator with an 8B model. 16 GB of BF16 weights read at 1.6 TB/s are 10 ms; 16 GFLOP a token at 170 TFLOPS are
    /// 94 us; a token's KV (36 layers, 8 heads of 128, BF16) is 147 KB, 0.09 us to read; attention is 0.6 MFLOP a pair.
    /// </summary>
    public static DeviceProfile Gpu { get; } = new()
    {
        Name = "gpu-8b",
        Source = "assumption: roofline of an 80 GB accelerator (312 TFLOPS BF16 at 55 %, 2.0 TB/s at 80 %, 200 Gb/s network) with an 8B model "
            + "of 36 layers and 8 KV heads of 128; nothing of it is measured",
        StepSeconds = 0.003,
        WeightsSeconds = 0.010,
        TokenSeconds = 94e-6,
        SequenceSeconds = 20e-6,
        KvTokenSeconds = 92e-9,
        AttentionSeconds = 3.5e-9,
        TotalBlocks = 22_000,
        BlockBytes = 16 * 147_456,
        TransferBytesPerSecond = 20e9,
        TransferDelaySeconds = 0.002,
    };

    /// <summary>This project's engine on the reference machine; fitted to measurements, see the source.</summary>
    public static DeviceProfile Cpu { get; } = new()
    {
        Name = "cpu-smollm2",
        Source = "fitted by hand, within 25 %, to the prefill and decode points of bench/results/2026-11-22-3bb3affbc.json (SmolLM2-135M Q4_1, 2 cores "
            + "AVX-512); transfers as loopback TCP, an assumption",
        StepSeconds = 0.0002,
        WeightsSeconds = 0.0042,
        TokenSeconds = 4.85e-4,
        SequenceSeconds = 3.5e-4,
        KvTokenSeconds = 1.45e-6,
        AttentionSeconds = 6.67e-7,
        TotalBlocks = 4096,
        BlockBytes = 16 * 23_040,
        MaxRunning = 64,
        StepTokens = 512,
        TransferBytesPerSecond = 1e9,
        TransferDelaySeconds = 0.001,
        TtftSeconds = 5,
        TpotSeconds = 0.25,
    };

    /// <summary>All, by name.</summary>
    public static ImmutableArray<DeviceProfile> All { get; } = [Gpu, Cpu];

    /// <summary>The profile of that name, or null.</summary>
    public static DeviceProfile? Find(string name) => All.FirstOrDefault(p => p.Name == name);
}
