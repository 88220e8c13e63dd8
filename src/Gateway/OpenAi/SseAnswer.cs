using System.Buffers;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Streaming;

namespace XLLM.Gateway.OpenAi;

/// <summary>
/// Writes an answer as server-sent events, straight into the connection's buffer: one event for each delta, one flush for all
/// that is there.
/// </summary>
internal sealed class SseAnswer(HttpResponse response, AnswerHead head, IAnswerShape shape)
{
    private const int FlushBytes = 16 * 1024;

    private static readonly JsonWriterOptions JsonOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly PipeWriter _output = response.BodyWriter;
    private readonly Utf8JsonWriter _json = new(response.BodyWriter, JsonOptions);
    private readonly HashSet<int> _opened = [];

    /// <summary>Streams all of a submitted session.</summary>
    /// <exception cref="ApiException">A generation failed before anything was written: there can still be an error answer.</exception>
    public async Task WriteAsync(GenerationSession session)
    {
        // An error before the first token is answered with its own status.
        Choice? choice = await session.NextAsync();
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            while (choice is not null)
            {
                WriteDelta(session, choice);
                choice = session.TryNext();
                if (choice is null || _output.UnflushedBytes > FlushBytes)
                {
                    await FlushAsync();
                }

                choice ??= await session.NextAsync();
            }

            if (head.Parameters.IncludeUsage)
            {
                WriteUsage(session);
            }

            _output.Write("data: [DONE]\n\n"u8);
        }
        catch (ApiException failure)
        {
            _output.Write("data: "u8);
            ErrorWriter.Write(_output, failure.Error);
            _output.Write("\n\n"u8);
        }

        await FlushAsync();
    }

    private void WriteDelta(GenerationSession session, Choice choice)
    {
        if (_opened.Add(choice.Index) && shape.HasOpening(choice))
        {
            BeginChoice(choice);
            shape.WriteOpening(_json, choice);
            EndChoice(session, choice, isLast: false);
        }

        if (shape.HasContent(choice))
        {
            BeginChoice(choice);
            shape.WriteContent(_json, choice);
            EndChoice(session, choice, isLast: false);
        }

        if (FinishReasons.Of(choice.Delta.Outcome) is not null)
        {
            BeginChoice(choice);
            shape.WriteClosing(_json, choice);
            EndChoice(session, choice, isLast: true);
        }
    }

    private void BeginEvent()
    {
        _output.Write("data: "u8);
        _json.Reset();
        _json.WriteStartObject();
        _json.WriteString(Names.Id, head.Id);
        _json.WriteString(Names.Object, shape.EventObject);
        _json.WriteNumber(Names.Created, head.Created);
        _json.WriteString(Names.Model, head.Model.Card.Name);
        _json.WriteStartArray(Names.Choices);
    }

    private void BeginChoice(Choice choice)
    {
        BeginEvent();
        _json.WriteStartObject();
        _json.WriteNumber(Names.Index, choice.Index);
    }

    private void EndChoice(GenerationSession session, Choice choice, bool isLast)
    {
        if (isLast)
        {
            FinishReasons.Write(_json, choice, head.Model.Card.EndTokens);
        }
        else
        {
            _json.WriteNull(Names.FinishReason);
        }

        _json.WriteEndObject();
        _json.WriteEndArray();
        if (head.Parameters.ContinuousUsage)
        {
            UsageOf(session).Write(_json);
        }
        else if (head.Parameters.IncludeUsage)
        {
            _json.WriteNull(Names.Usage);
        }

        EndEvent();
    }

    private void WriteUsage(GenerationSession session)
    {
        BeginEvent();
        _json.WriteEndArray();
        UsageOf(session).Write(_json);
        EndEvent();
    }

    private void EndEvent()
    {
        _json.WriteEndObject();
        _json.Flush();
        _output.Write("\n\n"u8);
    }

    private AnswerUsage UsageOf(GenerationSession session) =>
        AnswerUsage.Of(session.Choices, head.Parameters.Choices, head.Parameters.MaxTokens == 0);

    // Waits while the client reads slower than tokens come; the session then pauses its requests.
    private async ValueTask FlushAsync()
    {
        FlushResult result = await _output.FlushAsync();
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new OperationCanceledException("The client left.");
        }
    }
}
