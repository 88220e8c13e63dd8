using System.Text.Json;
using XLLM.Gateway.Streaming;
using XLLM.Text.Answers;

namespace XLLM.Gateway.OpenAi;

/// <summary>How chat and completions differ in what they write.</summary>
internal interface IAnswerShape
{
    /// <summary>Value of <c>object</c> in events of a stream.</summary>
    string EventObject { get; }

    /// <summary>Value of <c>object</c> in a whole answer.</summary>
    string WholeObject { get; }

    /// <summary>Something to say before the first text of a choice: chat's role, an echoed prompt.</summary>
    bool HasOpening(Choice choice);

    /// <summary>Fields of a choice's opening event, without index and finish reason.</summary>
    void WriteOpening(Utf8JsonWriter json, Choice choice);

    /// <summary>A choice's delta has something for an event of its own.</summary>
    bool HasContent(Choice choice);

    /// <summary>Fields of a choice's event with its delta's text and logprobs.</summary>
    void WriteContent(Utf8JsonWriter json, Choice choice);

    /// <summary>
    /// Fields of a choice's event with one piece of an answer that is split, and the delta's logprobs if it is the first.
    /// </summary>
    void WritePiece(Utf8JsonWriter json, Choice choice, AnswerPiece piece, bool isFirst);

    /// <summary>
    /// JSON of a content event without log probabilities, between the choice's index and the string of its text. Together with
    /// <see cref="AfterText"/> it is what <see cref="WriteContent"/> writes.
    /// </summary>
    ReadOnlySpan<byte> BeforeText { get; }

    /// <summary>JSON between the string of the text and the finish reason.</summary>
    ReadOnlySpan<byte> AfterText { get; }

    /// <summary>Fields of a choice's last event, which has no text.</summary>
    void WriteClosing(Utf8JsonWriter json, Choice choice);

    /// <summary>Fields of a choice in a whole answer.</summary>
    void WriteWhole(Utf8JsonWriter json, Choice choice, CollectedChoice collected);
}
