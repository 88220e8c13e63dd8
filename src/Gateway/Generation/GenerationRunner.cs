using System.Collections.Immutable;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Backend;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi;
using XLLM.Gateway.Streaming;
using XLLM.Gateway.Telemetry;

namespace XLLM.Gateway.Generation;

/// <summary>Runs checked requests through the house and writes their answer.</summary>
internal sealed class GenerationRunner(
    IRequestBackend backend,
    GatewayTokenHub hub,
    RequestPlanner planner,
    GenerationGate gate,
    GatewayMetrics metrics,
    GatewayOptions options,
    TimeProvider time,
    ILogger<GenerationRunner> logger)
{
    public async Task RunAsync(
        HttpContext context,
        ServedModel model,
        GenerationParameters parameters,
        IReadOnlyList<ImmutableArray<int>> prompts,
        string idPrefix,
        IAnswerShape shape)
    {
        long arrived = time.GetTimestamp();
        ModelMetrics counters = metrics.Of(model.Card.Name);
        ImmutableArray<InferenceRequest> requests;
        IDisposable places;
        try
        {
            requests = planner.Plan(model, parameters, prompts);
            places = gate.Enter(requests.Length);
        }
        catch (ApiException refusal)
        {
            counters.CountOutcome(DoorOutcome.Of(refusal.Error));
            throw;
        }

        using (places)
        {
            ImmutableArray<Choice> choices =
                [.. requests.Select((r, i) => MakeChoice(i, r, model, parameters, new ChoiceMetrics(counters, time, arrived)))];
            await using var session = new GenerationSession(
                backend, hub, options, time, logger, choices, context.RequestAborted);
            using (GatewayTrace.Step("submit"))
            {
                await session.SubmitAsync();
            }

            var head = new AnswerHead(
                idPrefix + Guid.NewGuid().ToString("N"), requests[0].Arrival.ToUnixTimeSeconds(), model, parameters);
            using Activity? answer = GatewayTrace.Step("answer");
            await (parameters.Stream
                ? new SseAnswer(context.Response, head, shape).WriteAsync(session)
                : new WholeAnswer(context.Response, head, shape).WriteAsync(session));
            Tell(answer, requests[0].Arrival, choices);
        }
    }

    /// <summary>Steps 9 and 10 happen once for each chunk: their firsts are events of the answer's span.</summary>
    private static void Tell(Activity? answer, DateTimeOffset arrival, ImmutableArray<Choice> choices)
    {
        if (answer is null)
        {
            return;
        }

        foreach (Choice choice in choices)
        {
            ActivityTagsCollection tags = new()
            {
                ["xllm.request"] = choice.Request.Id.Value, ["xllm.generated_tokens"] = choice.GeneratedTokens,
                ["xllm.outcome"] = choice.Outcome.ToString(),
            };
            if (double.IsFinite(choice.Metrics.FirstTokenSeconds))
            {
                answer.AddEvent(new ActivityEvent("stream", arrival.AddSeconds(choice.Metrics.FirstTokenSeconds), tags));
            }

            answer.AddEvent(new ActivityEvent("detokenize", arrival.AddSeconds(choice.Metrics.ElapsedSeconds), tags));
        }
    }

    private static Choice MakeChoice(
        int index, InferenceRequest request, ServedModel model, GenerationParameters parameters, ChoiceMetrics metrics) => new(
            index,
            request,
            model.Codec.NewStream(parameters.SkipSpecialTokens),
            new StopStringFilter(parameters.Stop, parameters.IncludeStopString),
            metrics);
}
