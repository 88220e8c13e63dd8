using System.Diagnostics;
using System.Runtime.InteropServices;
using XLLM.Contracts.Ids;
using XLLM.Contracts.Requests;
using XLLM.Engine.Execution;
using XLLM.Scheduling.Batching;
using XLLM.Scheduling.Blocks;
using XLLM.Scheduling.Pages;

namespace XLLM.Cli.Bench.Kv;

/// <summary>
/// What giving KV memory to sequences costs, without computing anything: the planner plans every step of a load over a runner's
/// pool, and the orders it gives are carried out. With and without ranges of addresses the load is the same.
/// </summary>
internal sealed class KvBench(IModelRunner runner, KvBenchOptions options)
{
    private readonly int _tokens = runner.BlockTokens;

    public KvBenchResult Run(bool hasRanges)
    {
        IPageRanges? ranges = hasRanges ? runner.Ranges : null;
        PageMap? map = ranges is null
            ? null
            : new PageMap(runner.Blocks, ranges.Count, ranges.Blocks, ranges.MappingLimit - 2);
        BlockPool pool = new(runner.Blocks, _tokens, map);
        BatchPlanner planner = new(pool, new BatchLimits(512, 128, options.Streams, 0), new DecodeFirstPolicy());
        BlockHasher hasher = new(_tokens);
        Random random = new(options.Seed);
        StepPlan plan = new();
        long planning = 0;
        long mapping = 0;
        long tokens = 0;
        int added = 0;
        (int held, int context, int reserved) = (0, 0, 0);
        while (added < options.Requests || planner.Running.Count > 0)
        {
            while (added < options.Requests && planner.Running.Count + planner.WaitingCount < options.Streams)
            {
                planner.Enqueue(NewSequence(random, hasher, added++));
            }

            long start = Stopwatch.GetTimestamp();
            planner.Plan(plan, DateTimeOffset.UnixEpoch);
            long planned = Stopwatch.GetTimestamp();
            ranges?.Map(CollectionsMarshal.AsSpan(plan.Mappings), ahead: false);
            ranges?.Map(CollectionsMarshal.AsSpan(plan.MappingsAhead), ahead: true);
            planning += planned - start;
            mapping += Stopwatch.GetTimestamp() - planned;
            held = Math.Max(held, runner.Blocks - pool.Available);
            context = Math.Max(context, planner.Running.Count * pool.BlocksFor(runner.Model.ContextLength));
            reserved = Math.Max(
                reserved, planner.Running.Sum(s => pool.BlocksFor(s.PromptLength + s.Request.Stop.MaxTokens)));
            tokens += plan.Tokens;
            Complete(planner, plan, random);
        }

        return new KvBenchResult
        {
            Tokens = tokens,
            Planning = Stopwatch.GetElapsedTime(0, planning),
            Mapping = Stopwatch.GetElapsedTime(0, mapping),
            PeakHeld = held,
            PeakContext = context,
            PeakReserved = reserved,
            Pages = map?.Counts,
        };
    }

    private static void Complete(BatchPlanner planner, StepPlan plan, Random random)
    {
        foreach (StepPart part in plan.Parts)
        {
            Sequence sequence = part.Sequence;
            planner.Complete(sequence, part.Tokens);
            if (sequence.Pending == 0)
            {
                sequence.Append(random.Next(1, 1000));
                if (sequence.Generated >= sequence.Request.Stop.MaxTokens)
                {
                    planner.End(sequence);
                }
            }
        }
    }

    private Sequence NewSequence(Random random, BlockHasher hasher, int number)
    {
        int[] prompt = new int[random.Next(1, options.MaxPrompt + 1)];
        int shared = random.Next(4) == 0 ? prompt.Length / 2 : 0;
        for (int i = 0; i < prompt.Length; i++)
        {
            prompt[i] = i < shared ? 1 + (i % 900) : random.Next(1, 1000);
        }

        return new Sequence(
            new InferenceRequest
            {
                Id = new RequestId($"req-{number}"),
                Model = runner.Model.Name,
                PromptTokens = [.. prompt],
                BlockHashes = hasher.HashPrompt(prompt),
                Stop = new StopOptions { MaxTokens = random.Next(1, options.MaxOutput + 1) },
            },
            hasher);
    }
}
