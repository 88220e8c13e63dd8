using System.Collections.Immutable;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using XLLM.Gateway.Answers;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Keys;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi;
using XLLM.Gateway.Streaming;
using XLLM.Gateway.Structure;

namespace XLLM.Gateway.Responses;

/// <summary>POST /v1/responses.</summary>
internal sealed class ResponsesEndpoint(
    BodyReader bodies,
    ModelCatalog models,
    GenerationRunner runner,
    IResponseStore store,
    BackgroundRuns background,
    StructureChecks structures,
    TimeProvider time,
    ILogger<ResponsesEndpoint> logger)
{
    public async Task CreateAsync(HttpContext context)
    {
        string owner = ResponseOwner.Of(context);
        var parser = new ResponseParser(id => store.Find(id) is { } found && found.Owner == owner ? found.Transcript : null);
        ResponseRequest request = await bodies.ReadAsync(context, parser.Parse);
        ServedModel model = await models.ResolveAsync(request.Parameters.Model);
        (ImmutableArray<int> tokens, AnswerReading reading) = ChatEncoder.Encode(model, request.Prompt, request.Parameters.Format);
        GenerationParameters parameters = KeyUse.Apply(context, request.Parameters);
        SseWriter? sse = request.Parameters.Stream ? new SseWriter(context.Response) : null;
        ResponseEvents? events = sse is null ? null : new ResponseEvents(sse);
        var state = new ResponseState(
            ResponseIds.New("resp_"),
            time.GetUtcNow().ToUnixTimeSeconds(),
            model.Card.Name,
            request,
            new ResponseOutput(reading, events));
        Task Run(CancellationToken aborted, Func<GenerationSession, Task> answer) =>
            runner.RunAsync(model, parameters, [tokens], reading, aborted, answer);
        if (request.Background)
        {
            await structures.CheckAsync(reading.Structure);
            Keep(state, request, owner);
            string queued = state.ToJson();
            background.Start(state.Id, aborted => RunAloneAsync(state, request, owner, answer => Run(aborted, answer)));
            await WriteAsync(context, queued);
            return;
        }

        await Run(context.RequestAborted, session => sse is null
            ? CollectAsync(session, state)
            : StreamAsync(session, state, sse, events!));
        if (request.Store && state.Status is "completed" or "incomplete")
        {
            Keep(state, request, owner);
        }

        if (sse is null)
        {
            await WriteAsync(context, state.ToJson());
        }
    }

    private static async Task CollectAsync(GenerationSession session, ResponseState state)
    {
        while (await session.NextAsync() is { } choice)
        {
            state.Output.Add(DeltaPieces.Of(choice.Delta), choice.GeneratedTokens);
        }

        state.End(session.Choices[0]);
    }

    private static async Task StreamAsync(GenerationSession session, ResponseState state, SseWriter sse, ResponseEvents events)
    {
        Choice? choice = await session.NextAsync();
        sse.Begin();
        Tell("response.created", state, events);
        Tell("response.in_progress", state, events);
        try
        {
            while (choice is not null)
            {
                state.Output.Add(DeltaPieces.Of(choice.Delta), choice.GeneratedTokens);
                choice = session.TryNext();
                if (choice is null || sse.IsFull)
                {
                    await sse.FlushAsync();
                }

                choice ??= await session.NextAsync();
            }

            state.End(session.Choices[0]);
        }
        catch (ApiException failure)
        {
            state.Fail(failure.Error);
        }

        Tell("response." + state.Status, state, events);
        await sse.FlushAsync();
    }

    private async Task RunAloneAsync(
        ResponseState state, ResponseRequest request, string owner, Func<Func<GenerationSession, Task>, Task> run)
    {
        try
        {
            state.Begin();
            Keep(state, request, owner);
            await run(session => CollectAsync(session, state));
        }
        catch (OperationCanceledException)
        {
            state.Cancel();
        }
        catch (ApiException failure)
        {
            state.Fail(failure.Error);
        }
        catch (Exception exception)
        {
            logger.BackgroundFailed(state.Id, exception);
            state.Fail(new ApiError(DoorErrors.Unexpected, "Something went wrong inside the server."));
        }

        // One that was deleted while it ran stays deleted.
        if (store.Find(state.Id) is not null)
        {
            Keep(state, request, owner);
        }
    }

    private void Keep(ResponseState state, ResponseRequest request, string owner) => store.Put(new StoredResponse
    {
        Id = state.Id,
        Owner = owner,
        Json = state.ToJson(),
        Input = request.Input,
        Transcript = request.Transcript.AddRange(state.Output.Items.Select(i => ItemJson.Write(i.WriteFields))),
        Background = request.Background,
        Running = state.Status is "queued" or "in_progress",
    });

    private static void Tell(string name, ResponseState state, ResponseEvents events) => events.Write(name, json =>
    {
        json.WriteStartObject("response");
        state.WriteFields(json);
        json.WriteEndObject();
    });

    private static Task WriteAsync(HttpContext context, string json)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json, Encoding.UTF8);
    }
}
