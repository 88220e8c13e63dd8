using System.CommandLine;
using XLLM.Cli.Batches;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm batch cancel</c>.</summary>
internal static class BatchCancelCommand
{
    public static Command Create()
    {
        Argument<string> id = BatchCommand.IdArgument();
        Command command = new("cancel", "End a batch; what was answered stays.") { id };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            using BatchClient client = BatchCommand.Client(parse);
            BatchView batch = await client.CancelAsync(parse.GetValue(id)!, cancel);
            Console.WriteLine($"{batch.Id} {batch.Status} {batch.Progress}");
            return 0;
        }));
        return command;
    }
}
