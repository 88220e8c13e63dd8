using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using XLLM.Cli.Batches;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm batch list</c>: a table on a terminal, plain lines elsewhere.</summary>
internal static class BatchListCommand
{
    public static Command Create()
    {
        Option<int> limit = new("--limit") { Description = "at most so many, 1 to 100", DefaultValueFactory = _ => 20 };
        Command command = new("list", "The newest batches.") { limit };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            using BatchClient client = BatchCommand.Client(parse);
            IReadOnlyList<BatchView> batches = await client.ListAsync(parse.GetValue(limit), cancel);
            if (Console.IsOutputRedirected)
            {
                foreach (BatchView batch in batches)
                {
                    Console.WriteLine($"{batch.Id} {batch.Status} {batch.Progress} {batch.Endpoint} {TimeOf(batch)}");
                }

                return 0;
            }

            Table table = new();
            table.AddColumns("batch", "state", "requests", "endpoint", "made");
            foreach (BatchView batch in batches)
            {
                table.AddRow(
                    Markup.Escape(batch.Id),
                    Markup.Escape(batch.Status),
                    batch.Progress,
                    Markup.Escape(batch.Endpoint),
                    TimeOf(batch));
            }

            AnsiConsole.Write(table);
            return 0;
        }));
        return command;
    }

    private static string TimeOf(BatchView batch) =>
        batch.Created.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
