using System.CommandLine;
using System.Globalization;
using XLLM.Cli.Bench;
using XLLM.Cli.Hosting;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench soak</c>: many clients that come and go, then an audit.</summary>
internal static class SoakCommand
{
    public static Command Create()
    {
        Option<string?> model = ModelOption.Create();
        Option<int> streams = new("--streams") { Description = "clients at a time", DefaultValueFactory = _ => 64 };
        Option<int> seconds = new("--seconds") { Description = "how long", DefaultValueFactory = _ => 120 };
        Option<int> seed = new("--seed") { Description = "of prompts, lengths and cancels", DefaultValueFactory = _ => 1 };
        Option<long> kv = new("--kv-bytes")
        {
            Description = "bytes of the KV cache; small, so that blocks run out, and so that memory can be flat",
            DefaultValueFactory = _ => 32 << 20,
        };
        Command command = new("soak", "Concurrent streams over HTTP with random cancels; ends with outcomes, an audit of all blocks, and memory.")
        {
            model, streams, seconds, seed, kv,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            (string name, string path) = await ModelOption.FindAsync(parse.GetValue(model), cancel);
            await using ServerHost server = await ServerHost.StartAsync(
                new ServeSettings { Model = path, Name = name, Port = 0, Quiet = true, KvCacheBytes = parse.GetValue(kv) }, cancel);
            Soak soak = new(server, Math.Max(1, parse.GetValue(streams)), parse.GetValue(seed), TimeProvider.System);
            SoakReport report = await soak.RunAsync(TimeSpan.FromSeconds(parse.GetValue(seconds)), Console.Error, cancel);
            foreach ((string outcome, long count) in report.Outcomes.OrderByDescending(o => o.Value))
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{outcome,-24} {count,8}"));
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Requests} requests, {report.Tokens} tokens; memory {report.EarlyMegabytes:0} MB after a quarter, {report.LateMegabytes:0} MB at the end"));
            foreach (string fault in report.Faults)
            {
                Console.WriteLine("FAULT " + fault);
            }

            Console.WriteLine(report.Faults.Count == 0 ? "sound" : $"{report.Faults.Count} faults");
            return report.Faults.Count == 0 ? 0 : 1;
        }));
        return command;
    }
}
