using System.Text.Json;
using XLLM.Cli.Client;

namespace XLLM.Cli.Batches;

/// <summary>Input files that are submitted and result files that are fetched.</summary>
internal static class BatchFiles
{
    /// <summary>The endpoint that an input file's first request is for.</summary>
    /// <exception cref="InvalidDataException">The file does not begin with a request.</exception>
    public static string EndpointOf(string path)
    {
        string? first = File.ReadLines(path).FirstOrDefault(l => !string.IsNullOrWhiteSpace(l));
        try
        {
            using JsonDocument? line = first is null ? null : JsonDocument.Parse(first);
            if (line is not null && line.RootElement.ValueKind == JsonValueKind.Object
                && line.RootElement.TryGetProperty("url", out JsonElement url) && url.ValueKind == JsonValueKind.String)
            {
                return url.GetString()!;
            }
        }
        catch (JsonException)
        {
            // Said below.
        }

        throw new InvalidDataException(
            $"'{path}' does not begin with a request such as "
            + """{"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":{...}}.""");
    }

    /// <summary>Writes a batch's results, or its errors, to a file or to standard output.</summary>
    public static async Task SaveAsync(
        BatchClient client, BatchView batch, bool errors, string? path, CancellationToken cancellationToken)
    {
        string file = (errors ? batch.ErrorFile : batch.OutputFile) ?? throw new OpenAiErrorException(
            batch.IsOver
                ? $"The batch is {batch.Status} and has no {(errors ? "errors" : "results; see --errors")}."
                : $"The batch is {batch.Status}; its files are there when it is over.");
        if (path is null)
        {
            await using Stream output = Console.OpenStandardOutput();
            await client.DownloadAsync(file, output, cancellationToken);
            return;
        }

        // Whole or not at all.
        string fresh = path + ".new";
        await using (FileStream output = File.Create(fresh))
        {
            await client.DownloadAsync(file, output, cancellationToken);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
