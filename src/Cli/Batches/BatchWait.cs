using Spectre.Console;

namespace XLLM.Cli.Batches;

/// <summary>Follows a batch to its end: a bar on a terminal, a line for each change elsewhere, on standard error.</summary>
internal static class BatchWait
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    public static Task<BatchView> UntilOverAsync(BatchClient client, string id, CancellationToken cancellationToken) =>
        Console.IsErrorRedirected
            ? LinesAsync(client, id, cancellationToken)
            : BarAsync(client, id, cancellationToken);

    private static async Task<BatchView> LinesAsync(BatchClient client, string id, CancellationToken cancellationToken)
    {
        using PeriodicTimer tick = new(Period);
        string told = "";
        while (true)
        {
            BatchView batch = await client.GetAsync(id, cancellationToken);
            string line = $"{batch.Status} {batch.Progress}";
            if (line != told)
            {
                await Console.Error.WriteLineAsync(told = line);
            }

            if (batch.IsOver)
            {
                return batch;
            }

            await tick.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static async Task<BatchView> BarAsync(BatchClient client, string id, CancellationToken cancellationToken)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                using PeriodicTimer tick = new(Period);
                ProgressTask bar = progress.AddTask("validating", autoStart: true);
                while (true)
                {
                    BatchView batch = await client.GetAsync(id, cancellationToken);
                    bar.MaxValue = Math.Max(1, batch.Total);
                    bar.Value = batch.IsOver ? bar.MaxValue : batch.Completed + batch.Failed;
                    bar.Description = Markup.Escape($"{batch.Status} {batch.Progress}");
                    if (batch.IsOver)
                    {
                        return batch;
                    }

                    await tick.WaitForNextTickAsync(cancellationToken);
                }
            });
    }
}
