using System.CommandLine;
using XLLM.Cli.Batches;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm batch status</c>.</summary>
internal static class BatchStatusCommand
{
    public static Command Create()
    {
        Argument<string> id = BatchCommand.IdArgument();
        Option<bool> wait = new("--wait") { Description = "follow it to its end" };
        Command command = new("status", "How a batch is.") { id, wait };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            using BatchClient client = BatchCommand.Client(parse);
            return BatchCommand.Tell(
                parse.GetValue(wait)
                    ? await BatchWait.UntilOverAsync(client, parse.GetValue(id)!, cancel)
                    : await client.GetAsync(parse.GetValue(id)!, cancel));
        }));
        return command;
    }
}
