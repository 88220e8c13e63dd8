using System.Globalization;
using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Bench.Peers;

/// <summary>A row of <c>llama-batched-bench</c>'s table; rates in tokens a second.</summary>
internal sealed record BatchedBenchOutput(int Prompt, int Generated, int Streams, double PrefillRate, double DecodeRate)
{
    /// <summary>The first row of the table, its columns found by their names; the rest of the output is noise.</summary>
    /// <exception cref="PeerException">There is no row.</exception>
    public static BatchedBenchOutput Parse(string text)
    {
        string[] header = [];
        foreach (string line in text.Split('\n'))
        {
            string[] cells = [.. line.Split('|', StringSplitOptions.TrimEntries).Where(c => c.Length > 0)];
            if (cells.Contains("S_TG t/s"))
            {
                header = cells;
            }
            else if (header.Length > 0 && cells.Length == header.Length && !cells[0].StartsWith('-'))
            {
                return Row(header, cells, text);
            }
        }

        throw new PeerException($"llama-batched-bench printed no row: {Shortened.Of(text)}");
    }

    private static BatchedBenchOutput Row(string[] header, string[] cells, string text)
    {
        double Value(string column)
        {
            int at = Array.IndexOf(header, column);
            return at >= 0 && double.TryParse(cells[at], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                ? value
                : throw new PeerException($"llama-batched-bench's table has no number under '{column}': {Shortened.Of(text)}");
        }

        return new BatchedBenchOutput((int)Value("PP"), (int)Value("TG"), (int)Value("B"), Value("S_PP t/s"), Value("S_TG t/s"));
    }
}
