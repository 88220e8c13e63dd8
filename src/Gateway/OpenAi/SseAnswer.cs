using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using XLLM.Gateway.Errors;
using XLLM.Gateway.Streaming;
using XLLM.Text.Answers;

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

    // Printable ASCII without what JSON escapes.
    private static readonly SearchValues<char> PlainText = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c is not ('"' or '\\'))]);

    private readonly PipeWriter _output = response.BodyWriter;
    private readonly Utf8JsonWriter _json = new(response.BodyWriter, JsonOptions);
    private readonly HashSet<int> _opened = [];
    private byte[]? _beginning;

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

        if (!choice.Delta.Pieces.IsEmpty)
        {
            WritePieces(session, choice);
        }
        else if (shape.HasContent(choice) && !TryWritePlain(choice, choice.Delta.Text))
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

    private void WritePieces(GenerationSession session, Choice choice)
    {
        bool isFirst = true;
        foreach (AnswerPiece piece in choice.Delta.Pieces.Items)
        {
            if (piece.Kind != AnswerPieceKind.Text || !TryWritePlain(choice, piece.Text))
            {
                BeginChoice(choice);
                shape.WritePiece(_json, choice, piece, isFirst);
                EndChoice(session, choice, isLast: false);
            }

            isFirst = false;
        }
    }

    /// <summary>Writes the usual event, whose text needs no escapes, without a JSON writer; the bytes are the same.</summary>
    private bool TryWritePlain(Choice choice, ReadOnlySpan<char> text)
    {
        if (choice.Request.Logprobs.Chosen || head.Parameters.ContinuousUsage || text.ContainsAnyExcept(PlainText))
        {
            return false;
        }

        ReadOnlySpan<byte> beginning = _beginning ??= MakeBeginning();
        ReadOnlySpan<byte> end = head.Parameters.IncludeUsage
            ? ",\"finish_reason\":null}],\"usage\":null}\n\n"u8
            : ",\"finish_reason\":null}]}\n\n"u8;
        ReadOnlySpan<byte> before = shape.BeforeText;
        ReadOnlySpan<byte> after = shape.AfterText;
        Span<byte> room = _output.GetSpan(beginning.Length + text.Length + before.Length + after.Length + end.Length + 32);
        int at = 0;
        Put(room, ref at, beginning);
        Put(room, ref at, "{\"index\":"u8);
        choice.Index.TryFormat(room[at..], out int digits, default, CultureInfo.InvariantCulture);
        at += digits;
        Put(room, ref at, before);
        room[at++] = (byte)'"';
        at += Encoding.ASCII.GetBytes(text, room[at..]);
        room[at++] = (byte)'"';
        Put(room, ref at, after);
        Put(room, ref at, end);
        _output.Advance(at);
        return true;
    }

    private static void Put(Span<byte> room, ref int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(room[at..]);
        at += bytes.Length;
    }

    // All events begin alike: data: {"id":...,"object":...,"created":...,"model":...,"choices":[
    private byte[] MakeBeginning()
    {
        ArrayBufferWriter<byte> bytes = new();
        bytes.Write("data: "u8);
        using (Utf8JsonWriter json = new(bytes, JsonOptions))
        {
            json.WriteStartObject();
            json.WriteString(Names.Id, head.Id);
            json.WriteString(Names.Object, shape.EventObject);
            json.WriteNumber(Names.Created, head.Created);
            json.WriteString(Names.Model, head.Model.Card.Name);
            json.WriteStartArray(Names.Choices);
        }

        return bytes.WrittenSpan.ToArray();
    }

    private void BeginChoice(Choice choice)
    {
        _output.Write(_beginning ??= MakeBeginning());
        _json.Reset();
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
        _json.Flush();
        if (head.Parameters.ContinuousUsage)
        {
            EndWithUsage(session);
        }
        else
        {
            _output.Write(head.Parameters.IncludeUsage ? "],\"usage\":null}\n\n"u8 : "]}\n\n"u8);
        }
    }

    private void WriteUsage(GenerationSession session)
    {
        _output.Write(_beginning ??= MakeBeginning());
        EndWithUsage(session);
    }

    private void EndWithUsage(GenerationSession session)
    {
        _output.Write("],\"usage\":"u8);
        _json.Reset();
        UsageOf(session).Write(_json);
        _json.Flush();
        _output.Write("}\n\n"u8);
    }

    private AnswerUsage UsageOf(GenerationSession session) =>
        AnswerUsage.Of(session.Choices, head.Parameters.Choices, head.Parameters.MaxTokens == 0);

    // Waits while the client reads slower than tokens come; the session then pauses its requests.
    private ValueTask FlushAsync()
    {
        ValueTask<FlushResult> flush = _output.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
        {
            return EndFlushAsync(flush);
        }

        Check(flush.Result);
        return ValueTask.CompletedTask;
    }

    private static async ValueTask EndFlushAsync(ValueTask<FlushResult> flush) => Check(await flush);

    private static void Check(FlushResult result)
    {
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new OperationCanceledException("The client left.");
        }
    }
}
