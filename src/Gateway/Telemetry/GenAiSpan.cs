using System.Collections.Immutable;
using System.Diagnostics;
using XLLM.Gateway.Generation;

namespace XLLM.Gateway.Telemetry;

/// <summary>
/// A generation on its request's span, in the words of OpenTelemetry's conventions for generative AI. Never texts: neither prompts nor
/// answers.
/// </summary>
internal static class GenAiSpan
{
    /// <summary>The span of the request that runs here, when somebody listens.</summary>
    public static Activity? Current =>
        Activity.Current is { IsAllDataRequested: true, Source.Name: GatewayTrace.SourceName } span ? span : null;

    /// <summary>What is asked for; nothing that was not said is made up.</summary>
    public static void TellRequest(this Activity span, string model, GenerationParameters parameters)
    {
        span.DisplayName = $"{parameters.Operation} {model}";
        span.SetTag("gen_ai.operation.name", parameters.Operation);
        span.SetTag("gen_ai.provider.name", GenAiMetrics.Provider);
        span.SetTag("gen_ai.request.model", model);
        span.SetTag("gen_ai.request.max_tokens", parameters.MaxTokens);
        span.SetTag("gen_ai.request.temperature", (double?)parameters.Temperature);
        span.SetTag("gen_ai.request.top_p", (double?)parameters.TopP);
        span.SetTag("gen_ai.request.top_k", parameters.TopK);
        span.SetTag("gen_ai.request.seed", (long?)parameters.Seed);
        span.SetTag("gen_ai.request.stream", parameters.Stream ? true : null);
        span.SetTag("gen_ai.request.choice.count", parameters.Choices > 1 ? parameters.Choices : null);
        span.SetTag("gen_ai.request.frequency_penalty", parameters.FrequencyPenalty != 0 ? (double)parameters.FrequencyPenalty : null);
        span.SetTag("gen_ai.request.presence_penalty", parameters.PresencePenalty != 0 ? (double)parameters.PresencePenalty : null);
        span.SetTag("gen_ai.request.stop_sequences", parameters.Stop.IsEmpty ? null : parameters.Stop.ToArray());
    }

    /// <summary>What came of it.</summary>
    public static void TellResponse(this Activity span, string model, ImmutableArray<string> finishReasons, RequestRecord record)
    {
        span.SetTag("gen_ai.response.model", model);
        span.SetTag("gen_ai.response.finish_reasons", finishReasons.ToArray());
        span.SetTag("gen_ai.usage.input_tokens", record.InputTokens);
        span.SetTag("gen_ai.usage.output_tokens", record.OutputTokens);
        if (double.IsFinite(record.FirstTokenSeconds))
        {
            span.SetTag("gen_ai.response.time_to_first_chunk", record.FirstTokenSeconds);
        }
    }
}
