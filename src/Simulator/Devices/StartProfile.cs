using XLLM.Contracts.Fleet;

namespace XLLM.Simulator.Devices;

/// <summary>What an instance of a device would measure at its start, for the predictors.</summary>
internal static class StartProfile
{
    private static readonly int[] Prompts = [32, 64, 128, 256, 512, 1024, 2048, 4096, 8192];
    private static readonly int[] Held = [0, 1024, 4096];
    private static readonly int[] Batches = [1, 2, 4, 8, 16, 32, 64, 128];
    private static readonly int[] Lengths = [64, 256, 1024, 4096];

    public static LatencyProfile Of(DeviceProfile device)
    {
        long capacity = (long)device.TotalBlocks * device.BlockTokens;
        return new LatencyProfile
        {
            Prefill =
            [
                .. from tokens in Prompts from held in Held where tokens + held <= capacity
                   select new PrefillSample(tokens + held, held, PromptSeconds(device, tokens, held)),
            ],
            Decode =
            [
                .. from batch in Batches from length in Lengths
                   where batch <= device.MaxRunning && (long)batch * length <= capacity
                   select new DecodeSample((long)batch * length, batch, device.Seconds(0, 0, batch, (long)batch * length)),
            ],
        };
    }

    /// <summary>
    /// Most prompt tokens a step may have beside a usual batch of decodes so that it takes at most 90 % of the objective between
    /// two tokens, at least 64 in any case: what xLLM's profiled token budget finds.
    /// </summary>
    public static int ChunkTokens(DeviceProfile device, double tpotSeconds)
    {
        const int Batch = 32;
        const int Length = 1024;
        const int Step = 64;
        int chunk = Step;
        while (chunk + Step <= device.StepTokens
            && device.Seconds(chunk + Step, DeviceProfile.Attention(Length, chunk + Step), Batch, Batch * Length) <= 0.9 * tpotSeconds)
        {
            chunk += Step;
        }

        return Math.Min(chunk, device.StepTokens);
    }

    private static double PromptSeconds(DeviceProfile device, int tokens, int held)
    {
        double seconds = 0;
        for (int done = 0; done < tokens; done += device.StepTokens)
        {
            int chunk = Math.Min(device.StepTokens, tokens - done);
            seconds += device.Seconds(chunk, DeviceProfile.Attention(held + done, chunk), 0, 0);
        }

        return seconds;
    }
}
