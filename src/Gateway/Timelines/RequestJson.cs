using System.Collections.Immutable;
using System.Text.Json;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Generation;

namespace XLLM.Gateway.Timelines;

/// <summary>Requests as /cluster/requests tells them. Times are in seconds; what did not happen is left out.</summary>
internal static class RequestJson
{
    /// <summary>A request with its steps.</summary>
    public static void WriteWhole(Utf8JsonWriter json, GenerationRecord record, RequestObjective objective)
    {
        ImmutableArray<TimelineStep> steps = RequestTimeline.Of(record, record.Now());
        int slowest = RequestTimeline.SlowestOf(steps);
        json.WriteStartObject();
        WriteFields(json, record, objective);
        json.WriteStartArray("steps");
        for (int i = 0; i < steps.Length; i++)
        {
            Write(json, steps[i], i == slowest);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>What a list shows of it, without the object's braces.</summary>
    public static void WriteFields(Utf8JsonWriter json, GenerationRecord record, RequestObjective objective)
    {
        double before = RequestTimeline.ReceivedBefore(record);
        json.WriteString("id", record.Id.Value);
        WriteText(json, "answer_id", record.AnswerId);
        WriteText(json, "http_request_id", record.HttpId);
        json.WriteString("model", record.Model);
        WriteText(json, "key", record.Owner);
        WriteText(json, "path", record.Origin?.Path ?? "");
        json.WriteNumber("received_at", record.Arrival.AddSeconds(-before).ToUnixTimeMilliseconds() / 1000.0);
        json.WriteString("state", StateOf(record));
        if (record.HasEnded)
        {
            json.WriteString("outcome", record.Outcome.ToString());
        }

        json.WriteBoolean("stream", record.IsStream);
        json.WriteString("priority", PriorityNames.Of(record.Priority));
        json.WriteNumber("choice", record.Choice);
        json.WriteNumber("choices", record.Choices);
        json.WriteNumber("prompt_tokens", record.PromptTokens);
        json.WriteNumber("cached_tokens", record.CachedTokens);
        json.WriteNumber("generated_tokens", record.GeneratedTokens);
        json.WriteNumber("max_tokens", record.MaxTokens);
        json.WriteNumber("elapsed_seconds", before + (record.HasEnded ? record.EndedSeconds : record.Now()));
        WriteKnown(json, "ttft_seconds", record.FirstTokenSeconds + before);
        WriteKnown(json, "tpot_seconds", RequestObjective.TpotOf(record));
        json.WriteNumber("runs", record.Starts.IsEmpty ? 0 : record.Starts[^1].Run + 1);
        WriteText(json, "instance", record.Starts is [.., { Plan: { } plan }] ? plan.Decode.Value : "");
        RequestSlo slo = objective.Of(record);
        WriteKnown(json, "ttft_objective_seconds", slo.TtftSeconds);
        WriteKnown(json, "tpot_objective_seconds", slo.TpotSeconds);
        if (objective.IsMet(record) is { } met)
        {
            json.WriteBoolean("objectives_met", met);
        }
    }

    private static string StateOf(GenerationRecord record) =>
        !record.HasEnded ? double.IsNaN(record.FirstTokenSeconds) ? "waiting" : "running"
        : OutcomeErrors.IsSuccess(record.Outcome) ? "completed"
        : record.Outcome == RequestOutcome.Cancelled ? "cancelled"
        : "failed";

    private static void Write(Utf8JsonWriter json, TimelineStep step, bool isSlowest)
    {
        json.WriteStartObject();
        json.WriteNumber("step", step.Step);
        json.WriteString("name", step.Name);
        json.WriteNumber("begin", step.Begin);
        json.WriteNumber("end", step.End);
        if (step.Busy is { } busy)
        {
            json.WriteNumber("busy", busy);
        }

        if (step.Run is { } run)
        {
            json.WriteNumber("run", run);
        }

        WriteText(json, "instance", step.Instance ?? "");
        WriteText(json, "note", step.Note ?? "");
        WriteFlag(json, "whole", step.IsWhole);
        WriteFlag(json, "open", step.IsOpen);
        WriteFlag(json, "fault", step.IsFault);
        WriteFlag(json, "slowest", isSlowest);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string value)
    {
        if (value.Length > 0)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteFlag(Utf8JsonWriter json, string name, bool value)
    {
        if (value)
        {
            json.WriteBoolean(name, true);
        }
    }

    // JSON has neither NaN nor infinity.
    private static void WriteKnown(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
    }
}
