using System.CommandLine;
using System.Globalization;
using XLLM.Cli.Bench.Kv;
using XLLM.Engine.Execution;
using XLLM.Engine.Memory;
using XLLM.Scheduling.Pages;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench kv</c>: what KV memory costs.</summary>
internal static class BenchKvCommand
{
    public static Command Create()
    {
        Option<string?> model = ModelOption.Create();
        Option<int> streams = new("--streams") { Description = "requests under way", DefaultValueFactory = _ => 16 };
        Option<int> requests = new("--requests") { Description = "requests in all", DefaultValueFactory = _ => 400 };
        Option<long?> bytes = new("--kv-bytes") { Description = "bytes of the KV pool; default: from the memory there is" };
        Command command = new("kv", "Cost of giving KV memory to sequences: block lists against ranges of addresses (xTensor).")
        {
            model, streams, requests, bytes,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            (string name, string path) = await ModelOption.FindAsync(parse.GetValue(model), cancel);
            using ModelRunner runner = ModelLoader.Load(
                path,
                new ModelOptions { Name = name, Threads = 1, KvMode = KvMode.Virtual, KvBytes = parse.GetValue(bytes) },
                cancellation: cancel);
            int context = runner.Model.ContextLength;
            KvBench bench = new(runner, new KvBenchOptions
            {
                Streams = Math.Clamp(parse.GetValue(streams), 1, 128),
                Requests = Math.Max(1, parse.GetValue(requests)),
                MaxPrompt = Math.Min(768, context / 2),
                MaxOutput = Math.Min(256, context / 4),
            });
            string block = ((double)runner.KvBytes / runner.Blocks / 1024).ToString("0", CultureInfo.InvariantCulture);
            Console.WriteLine($"{name}: {runner.Blocks} blocks of {runner.BlockTokens} tokens, {block} KiB; KV is {runner.KvMode}");

            // Once for warm code and memory that has been touched.
            bench.Run(hasRanges: true);
            Print("block lists", bench.Run(hasRanges: false));
            if (runner.Ranges is { } ranges)
            {
                PageRangeStats before = ranges.Stats;
                Print("ranges", bench.Run(hasRanges: true));
                PageRangeStats after = ranges.Stats;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {after.Calls - before.Calls} system calls, {(after.MapTime - before.MapTime).TotalMilliseconds:0.0} ms in them on "
                    + $"all threads; {after.AheadOrders - before.AheadOrders} ordered ahead, {after.AheadWaits - before.AheadWaits} waits "
                    + $"for them; {after.Mappings} mappings of at most {ranges.MappingLimit}"));
            }

            return 0;
        }));
        return command;
    }

    private static void Print(string what, KvBenchResult result)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {result.Tokens} tokens; planning {result.PlanningPerToken:0} ns a token, mapping {result.MappingPerToken:0} ns a "
            + $"token; at most {result.PeakHeld} blocks held (contiguous: {result.PeakReserved} with known lengths, "
            + $"{result.PeakContext} with whole contexts)"));
        if (result.Pages is { } pages)
        {
            Console.WriteLine(
                $"  pages placed {pages.Placed}, in {pages.Maps} mappings; found in place {pages.Reuses}, mapped ahead "
                + $"{pages.AheadHits}; ranges emptied {pages.Unmaps}, fallbacks {pages.Fallbacks}");
        }
    }
}
