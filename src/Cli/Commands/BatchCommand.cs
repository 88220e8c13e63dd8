using System.CommandLine;
using XLLM.Cli.Batches;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm batch</c>: many requests in one file, answered when there is time.</summary>
internal static class BatchCommand
{
    private const string DefaultUrl = "http://127.0.0.1:8000";
    private const string KeyVariable = "XLLM_API_KEY";

    private static readonly Option<string> Url = new("--url")
    {
        Description = "the server", DefaultValueFactory = _ => DefaultUrl, Recursive = true,
    };

    private static readonly Option<string?> Key = new("--api-key")
    {
        Description = $"the API key; default: the environment variable {KeyVariable}", Recursive = true,
    };

    public static Command Create() => new("batch", "Batches of requests: submit, list, status, cancel, results.")
    {
        Url,
        Key,
        BatchSubmitCommand.Create(),
        BatchListCommand.Create(),
        BatchStatusCommand.Create(),
        BatchCancelCommand.Create(),
        BatchResultsCommand.Create(),
    };

    public static Argument<string> IdArgument() => new("ID") { Description = "id of the batch" };

    public static BatchClient Client(ParseResult parse) => new(
        parse.GetValue(Url)!,
        parse.GetValue(Key) ?? (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key ? key : null));

    /// <summary>
    /// Tells how a batch is, on standard output; gives the exit status: 0 unless it ended otherwise than completed.
    /// </summary>
    public static int Tell(BatchView batch)
    {
        Console.WriteLine($"{batch.Id} {batch.Status} {batch.Progress}");
        foreach (string fault in batch.Faults)
        {
            Console.Error.WriteLine(fault);
        }

        return batch.IsOver && batch.Status != "completed" ? 1 : 0;
    }
}
