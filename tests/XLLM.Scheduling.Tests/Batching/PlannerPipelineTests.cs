using XLLM.Contracts.Requests;
using XLLM.Scheduling.Batching;
using XLLM.Scheduling.Blocks;
using XLLM.Scheduling.Pages;

namespace XLLM.Scheduling.Tests.Batching;

/// <summary>Random lives with the next step planned ahead: shared pages, ranges and copies under a step that still runs.</summary>
public class PlannerPipelineTests
{
    public static TheoryData<int> Seeds() => [.. Enumerable.Range(0, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void ARandomLife_ReadsWhatItWrote_AndLeavesNothingBehind(int seed)
    {
        Random random = new(seed);
        int blockTokens = 1 << random.Next(0, 4);
        int blocks = random.Next(4, 40);
        int running = random.Next(1, 9);
        int ranges = random.Next(1, 12);
        PageMap map = new(blocks, ranges, random.Next(1, blocks + 1), ranges + random.Next(0, 60));
        BatchLimits limits = new(running + random.Next(0, 40), running + random.Next(0, 10), running, random.Next(0, 3));
        PlannerPipeline engine = new(map, new BlockPool(blocks, blockTokens, map), limits, new DecodeFirstPolicy());
        int room = blocks * blockTokens;
        HashSet<Sequence> alive = [];
        int added = 0;
        for (int step = 0; step < 300 || alive.Count > 0 || !engine.IsIdle; step++)
        {
            Assert.True(step < 20_000, $"{alive.Count} sequences never end");
            while (step < 300 && alive.Count < 16 && random.Next(3) == 0)
            {
                int length = random.Next(1, room);
                int[] prompt = [.. Enumerable.Range(0, length).Select(i => i < length / 2 ? 1 + (i % 3) : random.Next(1, 4))];
                int samples = random.Next(2) == 0 ? random.Next(2, 5) : 1;
                SampleGroup? group = samples > 1 ? new SampleGroup($"group-{added}", samples) : null;
                for (int i = 0; i < samples; i++)
                {
                    alive.Add(engine.Add($"req-{added++}", prompt, random.Next(1, room - length + 1), group));
                }
            }

            foreach (Sequence sequence in alive.ToArray())
            {
                if (random.Next(60) == 0)
                {
                    engine.Planner.End(sequence);
                    alive.Remove(sequence);
                }
            }

            foreach (Sequence sequence in engine.Step(takesBack: random.Next(4) == 0))
            {
                Assert.True(alive.Remove(sequence), "ended twice");
            }
        }

        Assert.Equal(blocks, engine.Pool.Available);
        Assert.Empty(engine.Planner.CheckIntegrity());
    }
}
