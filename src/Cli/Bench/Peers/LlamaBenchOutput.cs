using System.Text.Json;
using XLLM.Cli.Bench.Points;

namespace XLLM.Cli.Bench.Peers;

/// <summary>What <c>llama-bench -o json</c> prints for one test.</summary>
internal sealed record LlamaBenchOutput(string Commit, string Cpu, int Prompt, IReadOnlyList<double> Rates)
{
    /// <exception cref="PeerException">It is not that output.</exception>
    public static LlamaBenchOutput Parse(string text)
    {
        int start = text.IndexOf('[', StringComparison.Ordinal);
        int end = text.LastIndexOf(']');
        try
        {
            using JsonDocument document = JsonDocument.Parse(start >= 0 && end > start ? text.AsMemory(start, end + 1 - start) : text.AsMemory());
            JsonElement test = document.RootElement[0];
            return new LlamaBenchOutput(
                Text(test, "build_commit"),
                Text(test, "cpu_info"),
                test.GetProperty("n_prompt").GetInt32(),
                [.. test.GetProperty("samples_ts").EnumerateArray().Select(r => r.GetDouble())]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new PeerException($"llama-bench's output is not understood ({e.Message}): {Shortened.Of(text)}");
        }
    }

    private static string Text(JsonElement test, string name) =>
        test.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
}
