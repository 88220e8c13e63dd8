using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Generation;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.OpenAi;

/// <summary>How a request wants to be served, the same for all APIs: its class of priority and its latency objectives.</summary>
internal static class OperationFields
{
    private const double MinMilliseconds = 0.001;
    private const double MaxMilliseconds = 3_600_000;

    /// <summary>The parameters with <c>priority</c>, <c>service_tier</c>, <c>ttft_slo_ms</c> and <c>tpot_slo_ms</c>.</summary>
    public static GenerationParameters Read(JsonFields body, GenerationParameters parameters) => parameters with
    {
        Priority = ReadPriority(body),
        Slo = new RequestSlo(ReadSeconds(body, "ttft_slo_ms"), ReadSeconds(body, "tpot_slo_ms")),
    };

    /// <summary>A class by its name, or vLLM's number, of which lower is earlier; else OpenAI's <c>service_tier</c>.</summary>
    private static RequestPriority ReadPriority(JsonFields body)
    {
        string? tier = body.Text("service_tier", 64);
        if (!body.TryGet("priority", out JsonElement value))
        {
            return tier switch
            {
                "flex" => RequestPriority.Offline,
                "priority" => RequestPriority.Interactive,
                _ => RequestPriority.Online,
            };
        }

        if (value.ValueKind == JsonValueKind.Number)
        {
            return Math.Sign(JsonValues.Integer(value, "priority", int.MinValue, int.MaxValue)) switch
            {
                < 0 => RequestPriority.Interactive,
                0 => RequestPriority.Online,
                _ => RequestPriority.Offline,
            };
        }

        string name = value.ValueKind == JsonValueKind.String
            ? JsonValues.Text(value, "priority", 64)
            : throw JsonValues.WrongType(value, "priority", "'interactive', 'normal', 'batch' or an integer");
        return PriorityNames.Parse(name) ?? throw ApiException.Invalid(
            "priority", $"'priority' is '{name}'; it must be interactive, normal or batch, or an integer (below 0, 0, above 0).");
    }

    private static double ReadSeconds(JsonFields body, string name) =>
        body.TryGet(name, out JsonElement value)
            ? JsonValues.Number(value, name, MinMilliseconds, MaxMilliseconds) / 1000
            : double.PositiveInfinity;
}
