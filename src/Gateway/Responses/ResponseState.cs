using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Generation;
using XLLM.Gateway.OpenAi;
using XLLM.Gateway.Streaming;
using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Responses;

/// <summary>One response from its creation to its end. One thread.</summary>
internal sealed class ResponseState(string id, long created, string model, ResponseRequest request, ResponseOutput output)
{
    private AnswerUsage? _usage;
    private ApiError? _error;

    public string Id => id;

    public ResponseOutput Output => output;

    /// <summary>queued, in_progress, completed, incomplete, failed or cancelled.</summary>
    public string Status { get; private set; } = request.Background ? "queued" : "in_progress";

    public void Begin() => Status = "in_progress";

    /// <summary>It ended as its generation did.</summary>
    public void End(Choice choice)
    {
        Status = choice.Outcome == RequestOutcome.CompletedLength ? "incomplete" : "completed";
        output.Close(Status);
        _usage = AnswerUsage.Of([choice], choicesPerPrompt: 1, dropsOutput: false);
    }

    public void Fail(ApiError error)
    {
        Status = "failed";
        _error = error;
        output.Close("incomplete");
    }

    public void Cancel()
    {
        Status = "cancelled";
        output.Close("incomplete");
    }

    public string ToJson() => ItemJson.Write(WriteFields);

    /// <summary>Writes the response's fields as they are now.</summary>
    public void WriteFields(Utf8JsonWriter json)
    {
        GenerationParameters parameters = request.Parameters;
        json.WriteString("id", id);
        json.WriteString("object", "response");
        json.WriteNumber("created_at", created);
        json.WriteString("status", Status);
        json.WriteBoolean("background", request.Background);
        WriteError(json);
        WriteIncomplete(json);
        json.WriteString("instructions", request.Instructions);
        WriteNumber(json, "max_output_tokens", parameters.MaxTokens);
        json.WriteString("model", model);
        WriteOutput(json);
        json.WriteBoolean("parallel_tool_calls", request.Prompt.MaxToolCalls > 1);
        json.WriteString("previous_response_id", request.PreviousId);
        json.WriteStartObject("reasoning");
        json.WriteString("effort", request.Prompt.ReasoningEffort);
        json.WriteNull("summary");
        json.WriteEndObject();
        json.WriteBoolean("store", request.Store);
        json.WriteNumber("temperature", parameters.Temperature ?? 1);
        json.WriteStartObject("text");
        Echo(json, "format", request.TextFormat, """{"type":"text"}""");
        json.WriteEndObject();
        Echo(json, "tool_choice", request.ToolChoice, "\"auto\"");
        Echo(json, "tools", request.Tools, "[]");
        json.WriteNumber("top_p", parameters.TopP ?? 1);
        json.WriteString("truncation", "disabled");
        WriteUsage(json);
        json.WriteNull("user");
        Echo(json, "metadata", request.Metadata, "{}");
    }

    private void WriteError(Utf8JsonWriter json)
    {
        if (_error is null)
        {
            json.WriteNull("error");
            return;
        }

        json.WriteStartObject("error");
        json.WriteString("code", _error.Row.Status == 429 ? "rate_limit_exceeded" : "server_error");
        json.WriteString("message", _error.Message);
        json.WriteEndObject();
    }

    private void WriteIncomplete(Utf8JsonWriter json)
    {
        if (Status != "incomplete")
        {
            json.WriteNull("incomplete_details");
            return;
        }

        json.WriteStartObject("incomplete_details");
        json.WriteString("reason", "max_output_tokens");
        json.WriteEndObject();
    }

    private void WriteOutput(Utf8JsonWriter json)
    {
        json.WriteStartArray("output");
        foreach (OutputItem item in output.Items)
        {
            json.WriteStartObject();
            item.WriteFields(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteUsage(Utf8JsonWriter json)
    {
        if (_usage is not { } usage)
        {
            json.WriteNull("usage");
            return;
        }

        json.WriteStartObject("usage");
        json.WriteNumber("input_tokens", usage.PromptTokens);
        json.WriteStartObject("input_tokens_details");
        json.WriteNumber("cached_tokens", usage.CachedTokens);
        json.WriteEndObject();
        json.WriteNumber("output_tokens", usage.CompletionTokens);
        json.WriteStartObject("output_tokens_details");
        json.WriteNumber("reasoning_tokens", output.ReasoningTokens);
        json.WriteEndObject();
        json.WriteNumber("total_tokens", usage.PromptTokens + usage.CompletionTokens);
        json.WriteEndObject();
    }

    private static void Echo(Utf8JsonWriter json, string name, JsonElement value, string absent)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value.ValueKind == JsonValueKind.Undefined ? absent : value.GetRawText());
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
