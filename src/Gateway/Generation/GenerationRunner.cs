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
using XLLM.Gateway.Structure;
using XLLM.Gateway.Telemetry;
using XLLM.Gateway.Timelines;

namespace XLLM.Gateway.Generation;

/// <summary>Runs checked requests through the house and has their answer written.</summary>
internal sealed class GenerationRunner(
    IRequestBackend backend,
    GatewayTokenHub hub,
    RequestPlanner planner,
    GenerationGate gate,
    StructureChecks structures,
    GatewayMetrics metrics,
    RecentRequests recent,
    GenAiMetrics genAi,
    GatewayOptions options,
    TimeProvider time,
    ILogger<GenerationRunner> logger)
{
    /// <summary>Answers in one of OpenAI's shapes of choices.</summary>
    public Task RunAsync(
        HttpContext context,
        ServedModel model,
        GenerationParameters parameters,
        IReadOnlyList<ImmutableArray<int>> prompts,
        string idPrefix,
        IAnswerShape shape,
        AnswerReading reading) =>
        RunAsync(model, parameters, prompts, reading, context.RequestAborted, session =>
        {
            var head = new AnswerHead(
                idPrefix + Guid.NewGuid().ToString("N"), session.Choices[0].Request.Arrival.ToUnixTimeSeconds(), model, parameters);
            foreach (Choice choice in session.Choices)
            {
                choice.Metrics.Record?.AnswerId = head.Id;
            }

            return parameters.Stream
                ? new SseAnswer(context.Response, head, shape).WriteAsync(session)
                : new WholeAnswer(context.Response, head, shape).WriteAsync(session);
        });

    /// <summary>Submits the requests and lets <paramref name="answer"/> read them to their end.</summary>
    /// <exception cref="ApiException">They are refused; nothing was read.</exception>
    public async Task RunAsync(
        ServedModel model,
        GenerationParameters parameters,
        IReadOnlyList<ImmutableArray<int>> prompts,
        AnswerReading reading,
        CancellationToken aborted,
        Func<GenerationSession, Task> answer)
    {
        long arrived = time.GetTimestamp();
        ModelMetrics counters = metrics.Of(model.Card.Name);
        Activity? request = GenAiSpan.Current;
        request?.TellRequest(model.Card.Name, parameters);
        if (parameters.Record is { } record)
        {
            record.Model = model.Card.Name;
        }

        ImmutableArray<InferenceRequest> requests;
        IDisposable places;
        try
        {
            await structures.CheckAsync(reading.Structure);
            requests = planner.Plan(model, parameters, prompts, reading.Structure);
            places = gate.Enter(requests.Length);
        }
        catch (ApiException refusal)
        {
            counters.CountOutcome(DoorOutcome.Of(refusal.Error));
            throw;
        }

        using (places)
        {
            if (options.LogPrompts && parameters.Record is { } told)
            {
                told.Prompt = PromptText.Of(model, prompts[0]);
            }

            ImmutableArray<Choice> choices =
            [
                .. requests.Select((r, i) => MakeChoice(
                    i, r, model, parameters, reading, new ChoiceMetrics(counters, time, arrived, Remember(r, arrived, parameters, i, requests.Length)))),
            ];
            await using var session = new GenerationSession(
                backend, hub, options, time, logger, choices, aborted);
            using (GatewayTrace.Step("submit"))
            {
                await session.SubmitAsync();
            }

            using Activity? span = GatewayTrace.Step("answer");
            try
            {
                await answer(session);
            }
            finally
            {
                AnswerUsage usage = AnswerUsage.Of(choices, parameters.Choices, dropsOutput: false);
                // As in the answer's usage: a prompt counts once.
                parameters.Key?.Charge(usage.PromptTokens + usage.CompletionTokens);
                Conclude(request, parameters, choices, usage);
            }

            Tell(span, requests[0].Arrival, choices);
        }
    }

    private GenerationRecord? Remember(InferenceRequest request, long arrived, GenerationParameters parameters, int choice, int choices)
    {
        if (!recent.IsOn)
        {
            return null;
        }

        var record = new GenerationRecord(request, time, arrived)
        {
            Owner = parameters.Key?.Name ?? "",
            Origin = parameters.Origin,
            HttpId = parameters.Record?.Id ?? "",
            IsStream = parameters.Stream,
            Choice = choice,
            Choices = choices,
        };
        recent.Add(record);
        return record;
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

    private void Conclude(
        Activity? request, GenerationParameters parameters, ImmutableArray<Choice> choices, AnswerUsage usage)
    {
        RequestRecord record = parameters.Record ?? new RequestRecord("");
        record.InputTokens += usage.PromptTokens;
        record.OutputTokens += usage.CompletionTokens;
        record.FirstTokenSeconds = choices.Select(c => c.Metrics.FirstTokenSeconds).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Min();
        ImmutableArray<string> reasons = [.. choices.Select(ReasonOf)];
        record.Finish = string.Join(',', reasons);
        string model = choices[0].Request.Model;
        request?.TellResponse(model, reasons, record);
        foreach (Choice choice in choices)
        {
            RequestOutcome outcome = choice.Outcome == RequestOutcome.None ? RequestOutcome.Cancelled : choice.Outcome;
            string? error = OutcomeErrors.IsSuccess(outcome) ? null : outcome.ToString();
            request?.SetTag("error.type", error ?? request.GetTagItem("error.type"));
            genAi.Record(
                parameters.Operation, model, error,
                choice.Metrics.ElapsedSeconds, choice.Metrics.FirstTokenSeconds, choice.Metrics.TokenSeconds);
        }
    }

    private static string ReasonOf(Choice choice) =>
        OutcomeErrors.IsSuccess(choice.Outcome) ? FinishReasons.Of(choice.Outcome, choice.ToolCalls)!
        : choice.Outcome == RequestOutcome.None ? "cancelled"
        : "error";

    private static Choice MakeChoice(
        int index,
        InferenceRequest request,
        ServedModel model,
        GenerationParameters parameters,
        AnswerReading reading,
        ChoiceMetrics metrics) => new(
            index,
            request,
            model.Codec.NewStream(parameters.SkipSpecialTokens, reading.Marks),
            new StopStringFilter(parameters.Stop, parameters.IncludeStopString),
            metrics,
            reading.NewSplitter());
}
