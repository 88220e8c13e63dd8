using System.CommandLine;
using XLLM.Cli.Batches;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm batch submit</c>.</summary>
internal static class BatchSubmitCommand
{
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "requests, one JSON object a line (OpenAI's batch input)" };
        Option<string?> endpoint = new("--endpoint") { Description = "default: the url of the first request" };
        Option<string> window = new("--window")
        {
            Description = "time after which what is not answered expires, e.g. 24h", DefaultValueFactory = _ => "24h",
        };
        Option<string[]> metadata = new("--metadata") { Description = "kept with the batch", HelpName = "KEY=VALUE" };
        Option<bool> wait = new("--wait") { Description = "follow it to its end" };
        Option<string?> output = new("--output", "-o") { Description = "with --wait: write the results to this file" };
        Command command = new("submit", "Upload a file of requests and make a batch of it.")
        {
            file, endpoint, window, metadata, wait, output,
        };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            string path = parse.GetValue(file)!;
            using BatchClient client = BatchCommand.Client(parse);
            string target = parse.GetValue(endpoint) ?? BatchFiles.EndpointOf(path);
            string id = await client.UploadAsync(path, cancel);
            BatchView batch = await client.CreateAsync(
                id, target, parse.GetValue(window)!, PairsOf(parse.GetValue(metadata) ?? []), cancel);
            if (parse.GetValue(wait))
            {
                await Console.Error.WriteLineAsync(batch.Id);
                batch = await BatchWait.UntilOverAsync(client, batch.Id, cancel);
                if (parse.GetValue(output) is { } to && batch.OutputFile is not null)
                {
                    await BatchFiles.SaveAsync(client, batch, errors: false, to, cancel);
                }
            }

            return BatchCommand.Tell(batch);
        }));
        return command;
    }

    private static Dictionary<string, string> PairsOf(IEnumerable<string> pairs)
    {
        Dictionary<string, string> metadata = new(StringComparer.Ordinal);
        foreach (string pair in pairs)
        {
            int equals = pair.IndexOf('=');
            string key = equals > 0
                ? pair[..equals]
                : throw new ArgumentException($"--metadata is '{pair}'; it must be KEY=VALUE.");
            metadata[key] = pair[(equals + 1)..];
        }

        return metadata;
    }
}
