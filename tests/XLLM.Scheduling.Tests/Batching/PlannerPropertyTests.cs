using XLLM.Contracts.Requests;
using XLLM.Scheduling.Batching;
using XLLM.Scheduling.Pages;

namespace XLLM.Scheduling.Tests.Batching;

/// <summary>Random lives of a planner. A failing seed replays the same life.</summary>
public class PlannerPropertyTests
{
    public static TheoryData<int, string> Lives()
    {
        TheoryData<int, string> lives = [];
        for (int seed = 0; seed < 60; seed++)
        {
            lives.Add(seed, "decode-first");
            lives.Add(seed, "prefill-first");
        }

        return lives;
    }

    [Theory]
    [MemberData(nameof(Lives))]
    public void ARandomLife_KeepsBudgetsAndKv_LeaksNothing_AndEndsEveryRequestOnce(int seed, string policy) =>
        Live(seed, policy, hasRanges: false);

    [Theory]
    [MemberData(nameof(Lives))]
    public void ARandomLifeInRanges_DoesSoToo_AndHasEveryPageInItsPlace(int seed, string policy) =>
        Live(seed, policy, hasRanges: true);

    private static void Live(int seed, string policy, bool hasRanges)
    {
        Random random = new(seed);
        int blockTokens = 1 << random.Next(0, 4);
        int blocks = random.Next(4, 40);
        int running = random.Next(1, 9);
        BatchLimits limits = new(running + random.Next(0, 40), running + random.Next(0, 10), running, random.Next(0, 3));
        int ranges = random.Next(1, 12);
        PageMap? pages = hasRanges ? new PageMap(blocks, ranges, random.Next(1, blocks + 1), ranges + random.Next(0, 60)) : null;
        PlannerModel model = new(blocks, blockTokens, limits, BatchPolicies.Find(policy)!, pages);
        int room = blocks * blockTokens;
        int[] common = [.. Enumerable.Range(0, room).Select(_ => random.Next(1, 4))];

        HashSet<Sequence> alive = [];
        int added = 0;
        int ended = 0;
        void EndOne(Sequence sequence)
        {
            Assert.True(alive.Remove(sequence), "ended twice");
            ended++;
        }

        for (int step = 0; step < 300 || alive.Count > 0; step++)
        {
            Assert.True(step < 20_000, $"{alive.Count} sequences never end");
            while (step < 300 && alive.Count < 20 && random.Next(3) == 0)
            {
                int length = random.Next(1, room);
                int shared = random.Next(0, length + 1);
                int[] prompt = [.. common.Take(shared), .. Enumerable.Range(0, length - shared).Select(_ => random.Next(1, 4))];
                DateTimeOffset? deadline = random.Next(4) == 0 ? model.Now.AddSeconds(random.Next(1, 50)) : null;
                int samples = random.Next(3) == 0 ? random.Next(2, 5) : 1;
                RequestPriority priority = (RequestPriority)random.Next(-1, 2);
                bool scored = random.Next(6) == 0;
                SampleGroup? group = samples > 1 ? new SampleGroup($"group-{added}", samples) : null;

                // Now and then one of the samples never comes.
                for (int i = random.Next(8) == 0 ? 1 : 0; i < samples; i++)
                {
                    int most = random.Next(1, room - length + 1);
                    alive.Add(model.Add($"req-{added++}", prompt, most, priority, scored, deadline, group));
                }
            }

            foreach (Sequence sequence in alive.ToArray())
            {
                int chance = random.Next(100);
                if (chance == 0)
                {
                    model.Planner.End(sequence);
                    EndOne(sequence);
                }
                else if (chance < 8)
                {
                    sequence.Paused = step < 300 && !sequence.Paused;
                }
                else if (step >= 300)
                {
                    sequence.Paused = false;
                }
            }

            bool canRun = alive.Any(sequence => !sequence.Paused);
            foreach (Sequence finished in model.Step())
            {
                EndOne(finished);
            }

            foreach (BatchDecision decision in model.Plan.Decisions)
            {
                if (decision.Kind == BatchDecisionKind.Expired)
                {
                    EndOne(decision.Sequence);
                }
            }

            Assert.True(!canRun || model.Plan.Tokens > 0 || model.Plan.Decisions.Count > 0, $"stuck at step {step}");
            model.Now = model.Now.AddSeconds(1);
        }

        Assert.Equal(added, ended);
        Assert.Equal(blocks, model.Pool.Available);
        Assert.Empty(model.Planner.CheckIntegrity());
    }
}
