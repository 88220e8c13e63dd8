using System.Globalization;
using System.Text.Json;

namespace XLLM.Cli.Bench.Serve;

/// <summary>
/// Reads a trace: Azure's CSV (<c>TIMESTAMP,ContextTokens,GeneratedTokens</c>) or Mooncake's JSON lines (<c>timestamp</c> in ms,
/// <c>input_length</c>, <c>output_length</c>, <c>hash_ids</c> of blocks of 512 tokens).
/// </summary>
internal static class TraceFile
{
    private const string AzureHeader = "TIMESTAMP,ContextTokens,GeneratedTokens";
    private const int MostTokens = 1 << 22;

    /// <summary>The first <paramref name="most"/> requests, the first at 0 s.</summary>
    /// <exception cref="ArgumentException">A line is not of that form; it is named.</exception>
    public static IReadOnlyList<TraceEntry> Read(string path, int most) => Parse(File.ReadLines(path), most, path);

    public static IReadOnlyList<TraceEntry> Parse(IEnumerable<string> lines, int most, string name)
    {
        List<TraceEntry> entries = [];
        bool csv = false;
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            if (number == 1 && line.TrimStart('\uFEFF').Trim() == AzureHeader)
            {
                csv = true;
                continue;
            }

            if (line.Trim().Length == 0)
            {
                continue;
            }

            TraceEntry entry = (csv ? Azure(line) : Mooncake(line))
                ?? throw new ArgumentException(
                    $"{name}, line {number}: neither Azure's '{AzureHeader}' nor Mooncake's JSON with timestamp, input_length and output_length.");
            entries.Add(entry);
            if (entries.Count == most)
            {
                break;
            }
        }

        if (entries.Count == 0)
        {
            throw new ArgumentException($"{name} holds no request.");
        }

        double first = entries.Min(e => e.Seconds);
        return [.. entries.Select(e => e with { Seconds = e.Seconds - first }).OrderBy(e => e.Seconds)];
    }

    private static TraceEntry? Azure(string line)
    {
        string[] cells = line.Split(',');
        return cells.Length == 3
            && DateTime.TryParse(cells[0], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTime time)
            && Length(cells[1]) is { } input
            && Length(cells[2]) is { } output
            ? new TraceEntry(time.Ticks / (double)TimeSpan.TicksPerSecond, input, output, [])
            : null;
    }

    private static int? Length(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= MostTokens ? value : null;

    private static TraceEntry? Mooncake(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            int input = root.GetProperty("input_length").GetInt32();
            int output = root.GetProperty("output_length").GetInt32();
            int[] blocks = root.TryGetProperty("hash_ids", out JsonElement ids) ? [.. ids.EnumerateArray().Select(i => i.GetInt32())] : [];
            return input is >= 0 and <= MostTokens && output is >= 0 and <= MostTokens
                ? new TraceEntry(root.GetProperty("timestamp").GetDouble() / 1000, input, output, blocks)
                : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
