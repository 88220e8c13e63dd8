using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.Responses;

/// <summary>
/// Items to the turns that chat templates know: an assistant's thoughts, text and calls, which are items of their own, are one turn.
/// </summary>
internal sealed class TurnBuilder
{
    private const int MaxNameLength = 256;
    private const int MaxParts = 4096;

    private readonly ImmutableArray<ChatMessage>.Builder _turns = ImmutableArray.CreateBuilder<ChatMessage>();
    private readonly StringBuilder _thoughts = new();
    private readonly StringBuilder _text = new();
    private ToolCallsJson _calls = new();
    private bool _open;

    public static ImmutableArray<ChatMessage> Build(string? instructions, ImmutableArray<string> items, int maxTurns)
    {
        if (items.Length > maxTurns)
        {
            throw ApiException.Invalid("input", $"The conversation has {items.Length} items; at most {maxTurns} are allowed.");
        }

        var builder = new TurnBuilder();
        if (!string.IsNullOrEmpty(instructions))
        {
            builder._turns.Add(new ChatMessage("system", instructions));
        }

        foreach (string item in items)
        {
            using JsonDocument document = JsonDocument.Parse(item);
            builder.Add(document.RootElement, "input");
        }

        builder.Close();
        return builder._turns.ToImmutable();
    }

    /// <summary>Refuses an item that cannot be made a turn.</summary>
    public static void Check(JsonElement item, string path) => new TurnBuilder().Add(item, path);

    private void Add(JsonElement item, string path)
    {
        JsonFields fields = JsonFields.Of(item, path);
        string type = fields.Text("type", 64) ?? "message";
        switch (type)
        {
            case "message":
                AddMessage(fields);
                break;
            case "function_call":
                _open = true;
                _calls.Add(Text(fields, "call_id"), Text(fields, "name"), Text(fields, "arguments", int.MaxValue));
                break;
            case "function_call_output":
                Close();
                _turns.Add(new ChatMessage("tool", ReadContent(fields, "output")) { ToolCallId = Text(fields, "call_id") });
                break;
            case "reasoning":
                if (_text.Length > 0 || _calls.Count > 0)
                {
                    Close();
                }

                _open = true;
                if (fields.TryGet("content", out _))
                {
                    _thoughts.Append(ReadContent(fields, "content"));
                }

                break;
            default:
                throw ApiException.Unsupported(
                    fields.PathOf("type"),
                    $"'{fields.PathOf("type")}' is '{type}'; it must be message, function_call, function_call_output or reasoning.");
        }
    }

    private void AddMessage(JsonFields fields)
    {
        string role = Text(fields, "role");
        string text = ReadContent(fields, "content");
        if (role == "assistant")
        {
            if (_calls.Count > 0)
            {
                Close();
            }

            _open = true;
            _text.Append(_text.Length == 0 ? "" : "\n").Append(text);
            return;
        }

        if (role is not ("user" or "system" or "developer"))
        {
            throw ApiException.Invalid(
                fields.PathOf("role"), $"'{fields.PathOf("role")}' is '{role}'; it must be user, assistant, system or developer.");
        }

        Close();
        _turns.Add(new ChatMessage(role, text));
    }

    private void Close()
    {
        if (_open && (_text.Length > 0 || _calls.Count > 0))
        {
            _turns.Add(new ChatMessage("assistant", _text.Length == 0 ? null : _text.ToString())
            {
                Reasoning = _thoughts.Length > 0 ? _thoughts.ToString() : null,
                ToolCalls = _calls.Build(),
            });
        }

        _open = false;
        _text.Clear();
        _thoughts.Clear();
        _calls = new ToolCallsJson();
    }

    private static string Text(JsonFields fields, string name, int maxLength = MaxNameLength) =>
        JsonValues.Text(fields.Required(name), fields.PathOf(name), maxLength);

    private static string ReadContent(JsonFields fields, string name)
    {
        JsonElement content = fields.Required(name);
        string path = fields.PathOf(name);
        if (content.ValueKind == JsonValueKind.String)
        {
            return JsonValues.Text(content, path);
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            throw JsonValues.WrongType(content, path, "a string or an array of parts");
        }

        JsonValues.Array(content, path, MaxParts);
        return string.Join('\n', content.EnumerateArray().Select((part, i) => ReadPart(part, $"{path}[{i}]")));
    }

    private static string ReadPart(JsonElement value, string path)
    {
        JsonFields part = JsonFields.Of(value, path);
        string type = Text(part, "type");
        return type switch
        {
            "input_text" or "output_text" or "text" or "reasoning_text" or "summary_text" =>
                JsonValues.Text(part.Required("text"), part.PathOf("text")),
            "refusal" => JsonValues.Text(part.Required("refusal"), part.PathOf("refusal")),
            "input_image" or "input_file" or "input_audio" =>
                throw ApiException.Unsupported(path, $"'{path}' is of type '{type}', but only texts are supported."),
            _ => throw ApiException.Invalid(part.PathOf("type"), $"'{part.PathOf("type")}' is '{type}'; it must be a type of text."),
        };
    }
}
