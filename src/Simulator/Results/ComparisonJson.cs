using System.Text.Json;
using System.Text.Json.Nodes;

namespace XLLM.Simulator.Results;

/// <summary>A comparison as JSON. The same comparison gives the same bytes.</summary>
public static class ComparisonJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    public static string Of(Comparison comparison) => new JsonObject
    {
        ["load"] = comparison.Load,
        ["scaling"] = comparison.Scaling,
        ["device"] = JsonSerializer.SerializeToNode(comparison.Device),
        ["ttft_seconds"] = comparison.TtftSeconds,
        ["tpot_seconds"] = comparison.TpotSeconds,
        ["chunk_tokens"] = comparison.ChunkTokens,
        ["attainment"] = comparison.Attainment,
        ["seed"] = comparison.Seed,
        ["baseline"] = comparison.Baseline,
        ["rows"] = new JsonArray([.. comparison.Rows.Select(r => Row(comparison, r))]),
    }.ToJsonString(Indented) + "\n";

    private static JsonNode Row(Comparison comparison, ComparisonRow row)
    {
        SimulationResult result = row.Result;
        return new JsonObject
        {
            ["instances"] = row.Instances,
            ["policy"] = row.Policy,
            ["rate"] = Figure(row.Rate),
            ["ratio"] = Figure(comparison.Ratio(row)),
            ["requests"] = result.Requests,
            ["finished"] = result.Finished,
            ["attainment"] = Figure(result.Attainment),
            ["ttft_attainment"] = Figure(result.TtftAttainment),
            ["tpot_attainment"] = Figure(result.TpotAttainment),
            ["ttft_seconds"] = new JsonArray(Figure(result.TtftP50), Figure(result.TtftP90), Figure(result.TtftP99)),
            ["tpot_seconds"] = new JsonArray(Figure(result.TpotP50), Figure(result.TpotP90), Figure(result.TpotP99)),
            ["utilisation"] = Figure(result.Utilisation),
            ["mixed"] = result.Mixed,
            ["split"] = result.Split,
            ["interrupted"] = result.Interrupted,
            ["longest_gap_seconds"] = Figure(result.LongestGap),
            ["prediction_error"] = Figure(result.PredictionError),
            ["reasons"] = JsonSerializer.SerializeToNode(result.Reasons),
            ["moves"] = JsonSerializer.SerializeToNode(result.Moves),
        };
    }

    private static JsonNode? Figure(double value) => double.IsFinite(value) ? JsonValue.Create(Math.Round(value, 6)) : null;
}
