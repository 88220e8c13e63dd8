using System.CommandLine;
using XLLM.Cli.Batches;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm batch results</c>.</summary>
internal static class BatchResultsCommand
{
    public static Command Create()
    {
        Argument<string> id = BatchCommand.IdArgument();
        Option<string?> output = new("--output", "-o") { Description = "write to this file; default: standard output" };
        Option<bool> errors = new("--errors") { Description = "the requests that were not answered, with the reason, instead" };
        Command command = new("results", "The answers of a batch that is over, one JSON object a line.") { id, output, errors };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            using BatchClient client = BatchCommand.Client(parse);
            BatchView batch = await client.GetAsync(parse.GetValue(id)!, cancel);
            await BatchFiles.SaveAsync(client, batch, parse.GetValue(errors), parse.GetValue(output), cancel);
            return 0;
        }));
        return command;
    }
}
