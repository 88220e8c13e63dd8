using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using XLLM.Cli.Cluster.Display;
using XLLM.Cli.Cluster.State;
using Cell = Spectre.Console.Text;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm cluster status</c>: a live table; once when nobody watches.</summary>
internal static class ClusterStatusCommand
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    public static Command Create()
    {
        Option<string?> state = ClusterCommand.StateOption();
        Option<bool> once = new("--once") { Description = "print it once; also when the output is no terminal" };
        Option<bool> json = new("--json") { Description = "print it once, as JSON" };
        Command command = new("status", "Show processes and instances, live.") { state, once, json };
        command.SetAction((parse, cancel) => UserErrors.GuardAsync(async () =>
        {
            StateFolder folder = ClusterCommand.Folder(parse, state);
            using StatusReader reader = new(folder);
            if (parse.GetValue(json))
            {
                Console.WriteLine((await reader.ReadAsync(cancel)).ToJson().ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
                return 0;
            }

            StatusTable table = new();
            if (parse.GetValue(once) || Console.IsOutputRedirected)
            {
                if (Console.IsOutputRedirected)
                {
                    // A file or pipe has no width, and colours would be noise in it.
                    AnsiConsole.Profile.Width = 200;
                    AnsiConsole.Profile.Capabilities.Ansi = false;
                }

                AnsiConsole.Write(table.Render(await reader.ReadAsync(cancel)));
                AnsiConsole.WriteLine();
                return 0;
            }

            await WatchAsync(reader, table, cancel);
            return 0;
        }));
        return command;
    }

    private static Task WatchAsync(StatusReader reader, StatusTable table, CancellationToken cancellationToken) =>
        AnsiConsole.Live(new Cell("asking ...")).AutoClear(false).StartAsync(async live =>
        {
            using PeriodicTimer tick = new(Period);
            try
            {
                do
                {
                    live.UpdateTarget(table.Render(await reader.ReadAsync(cancellationToken)));
                }
                while (await tick.WaitForNextTickAsync(cancellationToken));
            }
            catch (OperationCanceledException)
            {
            }
        });
}
