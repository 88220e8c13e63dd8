using System.Text;
using System.Text.Json;
using XLLM.Gateway.Errors;
using XLLM.Gateway.OpenAi.Json;

namespace XLLM.Gateway.OpenAi.Chat;

/// <summary>Reads one message of a chat.</summary>
internal static class ChatMessageParser
{
    private const int MaxParts = 4096;
    private const int MaxToolCalls = 1024;
    private const int MaxNameLength = 256;

    public static ChatMessage Parse(JsonElement value, string path)
    {
        JsonFields fields = JsonFields.Of(value, path);
        string role = JsonValues.Text(fields.Required("role"), fields.PathOf("role"), MaxNameLength);
        if (role is not ("system" or "developer" or "user" or "assistant" or "tool"))
        {
            throw ApiException.Invalid(
                fields.PathOf("role"),
                $"'{fields.PathOf("role")}' is '{role}'; it must be one of system, developer, user, assistant, tool.");
        }

        JsonElement calls = role == "assistant" ? ReadToolCalls(fields) : default;
        string? content = ReadContent(fields);
        if (content is null && calls.ValueKind == JsonValueKind.Undefined)
        {
            throw ApiException.Invalid(fields.PathOf("content"), $"'{fields.PathOf("content")}' is required.");
        }

        return new ChatMessage(role, content)
        {
            Name = fields.Text("name", MaxNameLength),
            ToolCallId = fields.Text("tool_call_id", MaxNameLength),
            Reasoning = fields.Text("reasoning_content", int.MaxValue) ?? fields.Text("reasoning", int.MaxValue),
            ToolCalls = calls,
        };
    }

    private static string? ReadContent(JsonFields fields)
    {
        if (!fields.TryGet("content", out JsonElement content))
        {
            return null;
        }

        string path = fields.PathOf("content");
        if (content.ValueKind == JsonValueKind.String)
        {
            return JsonValues.Text(content, path);
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            throw JsonValues.WrongType(content, path, "a string or an array of parts");
        }

        JsonValues.Array(content, path, MaxParts);
        var text = new StringBuilder();
        int index = 0;
        foreach (JsonElement part in content.EnumerateArray())
        {
            text.Append(index == 0 ? "" : "\n").Append(ReadPart(part, $"{path}[{index}]"));
            index++;
        }

        return index > 0 ? text.ToString() : throw ApiException.Invalid(path, $"'{path}' is an empty array; it needs at least one part.");
    }

    private static string ReadPart(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return JsonValues.Text(value, path);
        }

        JsonFields part = JsonFields.Of(value, path);
        string type = JsonValues.Text(part.Required("type"), part.PathOf("type"), MaxNameLength);
        return type switch
        {
            "text" => JsonValues.Text(part.Required("text"), part.PathOf("text")),
            "refusal" => JsonValues.Text(part.Required("refusal"), part.PathOf("refusal")),
            "image_url" or "image" or "input_image" =>
                throw ApiException.Unsupported(path, $"'{path}' is an image, but the model has no vision tower."),
            "input_audio" or "audio_url" => throw ApiException.Unsupported(path, $"'{path}' is audio, but the model cannot hear."),
            "video_url" => throw ApiException.Unsupported(path, $"'{path}' is a video, but the model has no vision tower."),
            "file" => throw ApiException.Unsupported(path, $"'{path}' is a file; only texts are supported."),
            _ => throw ApiException.Invalid(part.PathOf("type"), $"'{part.PathOf("type")}' is '{type}'; it must be 'text'."),
        };
    }

    private static JsonElement ReadToolCalls(JsonFields fields)
    {
        if (fields.Array("tool_calls", MaxToolCalls) is not { } calls || calls.GetArrayLength() == 0)
        {
            return default;
        }

        JsonValues.CheckTexts(calls, fields.PathOf("tool_calls"));
        int index = 0;
        foreach (JsonElement value in calls.EnumerateArray())
        {
            JsonFields call = JsonFields.Of(value, $"{fields.PathOf("tool_calls")}[{index++}]");
            _ = call.Text("id", MaxNameLength);
            if (call.Text("type", MaxNameLength) is { } type && type != "function")
            {
                throw ApiException.Invalid(call.PathOf("type"), $"'{call.PathOf("type")}' is '{type}'; it must be 'function'.");
            }

            JsonFields function = JsonFields.Of(call.Required("function"), call.PathOf("function"));
            JsonValues.Text(function.Required("name"), function.PathOf("name"), MaxNameLength);
            if (function.TryGet("arguments", out JsonElement arguments) && arguments.ValueKind != JsonValueKind.Object)
            {
                JsonValues.Text(arguments, function.PathOf("arguments"));
            }
        }

        return calls;
    }
}
