using System.Collections.Immutable;
using System.Globalization;
using XLLM.Contracts.Fleet;
using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Telemetry;

/// <summary>
/// The page under /metrics. Names are vLLM's under our prefix. Latencies and outcomes are this gateway's; load, cache and
/// pre-emptions are what instances reported to the fleet, so with several gateways take one of them, or the maximum by engine.
/// </summary>
internal static class MetricsPage
{
    private const string Prefix = "xllm:";

    public static string Write(GatewayMetrics metrics, FleetSnapshot fleet)
    {
        var page = new PrometheusText();
        Write(page, metrics, fleet);
        return page.ToString();
    }

    /// <summary>Writes this gateway's numbers and the fleet's onto a page.</summary>
    public static void Write(PrometheusText page, GatewayMetrics metrics, FleetSnapshot fleet)
    {
        WriteFleet(page, fleet);
        WriteInstances(page, fleet);
        IReadOnlyList<KeyValuePair<string, ModelMetrics>> models = metrics.Snapshot();
        WriteCounter(page, models, "prompt_tokens_total", "Prompt tokens of finished requests.", m => m.PromptTokens.Value);
        WriteCounter(page, models, "generation_tokens_total", "Tokens streamed to this gateway.", m => m.GenerationTokens.Value);
        WriteOutcomes(page, models);
        WriteHistogram(page, models, "time_to_first_token_seconds", "From arrival to the first token.", m => m.TimeToFirstToken);
        WriteHistogram(page, models, "inter_token_latency_seconds", "Between two chunks of a stream.", m => m.InterTokenLatency);
        WriteHistogram(
            page, models, "failover_gap_seconds", "From the last token of a lost run to the first of the next one.", m => m.FailoverGap);
        WriteHistogram(
            page, models, "request_time_per_output_token_seconds", "Mean time between a request's tokens after its first.",
            m => m.TimePerOutputToken);
        WriteAttainment(page, models);
        WriteHistogram(page, models, "e2e_request_latency_seconds", "From arrival to the end, completed requests.", m => m.EndToEnd);
        WriteHistogram(page, models, "request_queue_time_seconds", "From arrival to the first step.", m => m.QueueTime);
        WriteHistogram(page, models, "request_prompt_tokens", "Prompt tokens, completed requests.", m => m.RequestPromptTokens);
        WriteHistogram(
            page, models, "request_generation_tokens", "Generated tokens, completed requests.", m => m.RequestGenerationTokens);
    }

    private static void WriteFleet(PrometheusText page, FleetSnapshot fleet)
    {
        page.Family(Prefix + "instance_up", "gauge", "1 for what the fleet believes of an instance: its health and role.");
        foreach (InstanceStatus instance in fleet.Instances)
        {
            page.Sample(
                Prefix + "instance_up", 1,
                "model_name", instance.Descriptor.Model.Name, "engine", instance.Descriptor.Id.Value,
                "health", instance.Health.ToString().ToLowerInvariant(),
                "role", instance.Descriptor.Role.ToString().ToLowerInvariant());
        }

        page.Family(Prefix + "kv_blocks", "gauge", "KV blocks of an instance in use, by the tier that holds them.");
        foreach (InstanceStatus instance in fleet.Instances)
        {
            WriteTier(page, instance, "pool", instance.Load.TotalBlocks - instance.Load.FreeBlocks);
            WriteTier(page, instance, "host", instance.Load.HostBlocks);
            WriteTier(page, instance, "disk", instance.Load.DiskBlocks);
        }
    }

    private static void WriteTier(PrometheusText page, InstanceStatus instance, string tier, int blocks) => page.Sample(
        Prefix + "kv_blocks", blocks,
        "model_name", instance.Descriptor.Model.Name, "engine", instance.Descriptor.Id.Value, "tier", tier);

    private static void WriteInstances(PrometheusText page, FleetSnapshot fleet)
    {
        WriteInstance(page, fleet, "num_requests_running", "gauge", "Requests in the batch.", l => l.Running);
        WriteInstance(page, fleet, "num_requests_waiting", "gauge", "Requests waiting.", l => l.Waiting);
        WriteInstance(
            page, fleet, "kv_cache_usage_perc", "gauge", "Share of KV blocks in use, 0 to 1.",
            l => l.TotalBlocks == 0 ? 0 : 1 - ((double)l.FreeBlocks / l.TotalBlocks));
        WriteInstance(
            page, fleet, "prefix_cache_queries_total", "counter", "Prompt tokens looked up in the prefix cache.", l => l.PrefixQueryTokens);
        WriteInstance(
            page, fleet, "prefix_cache_hits_total", "counter", "Prompt tokens found in the prefix cache.", l => l.PrefixHitTokens);
        WriteInstance(
            page, fleet, "num_preemptions_total", "counter", "Requests that lost their blocks and were computed again.",
            l => l.Preemptions);
        WriteInstance(page, fleet, "spec_decode_num_drafts_total", "counter", "Drafts verified.", l => l.SpecDrafts);
        WriteInstance(page, fleet, "spec_decode_num_draft_tokens_total", "counter", "Draft tokens verified.", l => l.SpecDraftTokens);
        WriteInstance(
            page, fleet, "spec_decode_num_accepted_tokens_total", "counter", "Draft tokens accepted.", l => l.SpecAcceptedTokens);
        WriteAcceptedByPosition(page, fleet);
    }

    private static void WriteAcceptedByPosition(PrometheusText page, FleetSnapshot fleet)
    {
        const string Name = Prefix + "spec_decode_num_accepted_tokens_per_pos_total";
        page.Family(Name, "counter", "Draft tokens accepted, by place in the draft.");
        foreach (InstanceStatus instance in fleet.Instances)
        {
            ImmutableArray<long> accepted = instance.Load.SpecAcceptedByPosition;
            for (int i = 0; !accepted.IsDefault && i < accepted.Length; i++)
            {
                page.Sample(
                    Name, accepted[i], "model_name", instance.Descriptor.Model.Name, "engine", instance.Descriptor.Id.Value,
                    "position", i.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private static void WriteInstance(
        PrometheusText page, FleetSnapshot fleet, string name, string type, string help, Func<LoadReport, double> value)
    {
        page.Family(Prefix + name, type, help);
        foreach (InstanceStatus instance in fleet.Instances)
        {
            page.Sample(
                Prefix + name, value(instance.Load),
                "model_name", instance.Descriptor.Model.Name, "engine", instance.Descriptor.Id.Value);
        }
    }

    private static void WriteCounter(
        PrometheusText page,
        IReadOnlyList<KeyValuePair<string, ModelMetrics>> models,
        string name,
        string help,
        Func<ModelMetrics, long> value)
    {
        page.Family(Prefix + name, "counter", help);
        foreach ((string model, ModelMetrics metrics) in models)
        {
            page.Sample(Prefix + name, value(metrics), "model_name", model);
        }
    }

    private static void WriteHistogram(
        PrometheusText page,
        IReadOnlyList<KeyValuePair<string, ModelMetrics>> models,
        string name,
        string help,
        Func<ModelMetrics, Histogram> value)
    {
        page.Family(Prefix + name, "histogram", help);
        foreach ((string model, ModelMetrics metrics) in models)
        {
            page.Histogram(Prefix + name, value(metrics), model);
        }
    }

    private static void WriteAttainment(PrometheusText page, IReadOnlyList<KeyValuePair<string, ModelMetrics>> models)
    {
        (string Objective, Func<ModelMetrics, Attainment> Of)[] objectives =
            [("ttft", m => m.TtftObjective), ("tpot", m => m.TpotObjective), ("all", m => m.Objectives)];
        page.Family(
            Prefix + "request_slo_total", "counter",
            "Requests with latency objectives (ttft_slo_ms, tpot_slo_ms), by objective and whether it was met.");
        foreach ((string model, ModelMetrics metrics) in models)
        {
            foreach ((string objective, Func<ModelMetrics, Attainment> of) in objectives)
            {
                Attainment attainment = of(metrics);
                page.Sample(
                    Prefix + "request_slo_total", attainment.Met.Value,
                    "model_name", model, "objective", objective, "result", "met");
                page.Sample(
                    Prefix + "request_slo_total", attainment.Missed.Value,
                    "model_name", model, "objective", objective, "result", "missed");
            }
        }
    }

    private static void WriteOutcomes(PrometheusText page, IReadOnlyList<KeyValuePair<string, ModelMetrics>> models)
    {
        (RequestOutcome Outcome, string Reason)[] finished =
        [
            (RequestOutcome.CompletedStop, "stop"), (RequestOutcome.CompletedLength, "length"), (RequestOutcome.Cancelled, "abort"),
        ];
        page.Family(Prefix + "request_success_total", "counter", "Requests that ended without an error, by finish reason.");
        foreach ((string model, ModelMetrics metrics) in models)
        {
            foreach ((RequestOutcome outcome, string reason) in finished)
            {
                page.Sample(
                    Prefix + "request_success_total", metrics.OutcomesOf(outcome), "model_name", model, "finished_reason", reason);
            }
        }

        page.Family(Prefix + "request_outcome_total", "counter", "Requests by outcome; every request ends in exactly one.");
        foreach ((string model, ModelMetrics metrics) in models)
        {
            foreach (RequestOutcome outcome in Enum.GetValues<RequestOutcome>().Where(o => o != RequestOutcome.None))
            {
                page.Sample(
                    Prefix + "request_outcome_total", metrics.OutcomesOf(outcome), "model_name", model, "outcome", outcome.ToString());
            }
        }
    }
}
